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
            Require();
            var (native, cuda) = Exercise();
            return new TorchProbe(true, managed, native, cuda, null, null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var reason = e is DllNotFoundException ? Cause(e.Message) : e.GetBaseException().Message;
            return new TorchProbe(false, managed, null, false, reason, Advice(reason));
        }
    }

    /// <summary>Loads the native library, or says why not. To be called before anything of TorchSharp is used.</summary>
    /// <remarks>
    /// TorchSharp's own attempt, when it fails, blames a missing package whatever the cause and copies half a gigabyte from the package cache
    /// into the output folder. The system's loader names the cause and copies nothing.
    /// </remarks>
    /// <exception cref="DllNotFoundException">The library is missing, or the system lacks something that it needs.</exception>
    internal static void Require() => NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, searchPath: null);

    // A method of its own: torch's static constructor runs inside the try above, after Require.
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

    /// <summary>The loader's message without the headline and the places that have no such file. Only Linux lists them; elsewhere, all of it.</summary>
    private static string Cause(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 1)
            return message;
        var causes = lines.Skip(1).Where(line =>
            !line.Contains("LibTorchSharp", StringComparison.Ordinal) || !line.EndsWith("No such file or directory", StringComparison.Ordinal));
        return string.Join("; ", causes.DefaultIfEmpty("LibTorchSharp is not among the files of this program."));
    }

    private static string Advice(string reason) =>
        reason.Contains("GLIBCXX_", StringComparison.Ordinal)
            ? "The system's libstdc++ is older than the library was built with. Import build/TorchSharpNative.targets into the project that is run "
              + "(AkkaRL's own projects do) and rebuild, or run on a system with GCC 13's libstdc++ or newer."
            : $"Build or publish for this system ({RuntimeInformation.RuntimeIdentifier}; TorchSharp has linux-x64, win-x64, win-arm64 and osx-arm64). "
              + "Networks of dense layers need no native library: engine = fused.";
}
