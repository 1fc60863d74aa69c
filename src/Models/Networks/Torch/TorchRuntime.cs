using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>Says whether the native tensor library works on this machine. Nothing is loaded before <see cref="Probe"/> is called.</summary>
public static class TorchRuntime
{
    /// <summary>Loads the native library, differentiates one small tensor, and reports. Never throws.</summary>
    public static TorchProbe Probe()
    {
        var managed = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        try
        {
            var (native, cuda) = Exercise();
            return new TorchProbe(true, managed, native, cuda, null, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // TorchSharp's own message blames a missing package whatever the cause; the system loader's names it.
            var reason = LoaderMessage() ?? e.GetBaseException().Message;
            return new TorchProbe(false, managed, null, false, reason, Advice(reason));
        }
    }

    // A method of its own: torch's static constructor, which loads the library, runs inside the try above.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (string Version, bool Cuda) Exercise()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.ones(2, requires_grad: true);
        (x * x).sum().backward();
        if (x.grad!.sum().item<float>() != 4)
            throw new InvalidOperationException("The native library loads but computes a wrong gradient.");
        return (torch.__version__, torch.cuda.is_available());
    }

    private static string? LoaderMessage()
    {
        var file = OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";
        string[] places =
        [
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", file),
            Path.Combine(AppContext.BaseDirectory, file),
        ];
        if (places.FirstOrDefault(File.Exists) is not { } path)
            return $"{file} is not beside the program (looked at {string.Join(" and ", places)}).";
        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (DllNotFoundException e)
        {
            return e.Message;
        }
    }

    private static string Advice(string reason) => reason switch
    {
        _ when reason.Contains("GLIBCXX_", StringComparison.Ordinal) =>
            "The system's libstdc++ is older than the library was built with. Import build/TorchSharpNative.targets into the project that is run "
            + "(AkkaRL's own projects do), rebuild, or run on a system with GCC 13's libstdc++ or newer.",
        _ when reason.Contains("is not beside the program", StringComparison.Ordinal) =>
            $"Build or publish for this system ({RuntimeInformation.RuntimeIdentifier}). TorchSharp supports linux-x64, win-x64 and osx-arm64; "
            + "elsewhere use the fused engine (engine = fused), which needs no native library.",
        _ => "Delete the output folder and build again. Networks of dense layers do not need the library: engine = fused.",
    };
}
