using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AkkaRL.Host.Settings;
using AkkaRL.Models.Networks.Torch;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl doctor</c>: whether this machine has what training needs, and what to do where it does not.</summary>
internal static class DoctorCommand
{
    private enum Health { Ok, Warning, Problem }

    private sealed record Finding(Health Health, string What, string Found, string? Remedy = null);

    public static Command Create(CommandContext context)
    {
        var command = new Command("doctor", "Check this machine; exit code 1 when there is a problem");
        command.SetAction(_ => Run(context));
        return command;
    }

    private static int Run(CommandContext context)
    {
        var worst = Health.Ok;
        foreach (var finding in Findings(context.CurrentFolder))
        {
            var mark = finding.Health switch { Health.Ok => "ok", Health.Warning => "warning", _ => "PROBLEM" };
            context.Output.WriteLine($"{mark,-8} {finding.What,-15} {finding.Found}");
            if (finding.Remedy is not null)
                context.Output.WriteLine($"{"",-24} -> {finding.Remedy}");
            worst = finding.Health > worst ? finding.Health : worst;
        }
        return worst == Health.Problem ? ExitCodes.Failure : ExitCodes.Success;
    }

    private static IEnumerable<Finding> Findings(string currentFolder)
    {
        yield return new(Health.Ok, "runtime", RuntimeInformation.FrameworkDescription);
        yield return Sdk();
        yield return new(Health.Ok, "system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        yield return Cores();
        yield return Memory();
        yield return Vectors();
        yield return Torch();
        yield return HoconFiles();
        yield return Writable("runs folder", Path.Combine(currentFolder, "runs"), "run akkarl from another folder, or name one with --run-folder");
        yield return Writable("temp folder", Path.GetTempPath(), "set TMPDIR to a folder that can be written");
    }

    /// <summary>Only building needs the SDK: it is looked for where the runtime was loaded from, shared/Microsoft.NETCore.App/10.x three folders down.</summary>
    private static Finding Sdk()
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var folder = Path.Combine(root, "sdk");
        var versions = Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => name.StartsWith("10.", StringComparison.Ordinal)).ToArray() : [];
        return versions.Length > 0
            ? new(Health.Ok, "SDK", string.Join(", ", versions.Order(StringComparer.Ordinal)))
            : new(Health.Warning, "SDK", "no .NET 10 SDK beside the runtime", "install the .NET 10 SDK to build AkkaRL or envs of your own; training does not need it");
    }

    private static Finding Cores() => Environment.ProcessorCount >= 2
        ? new(Health.Ok, "cores", $"{Environment.ProcessorCount}; as many workers are a good start")
        : new(Health.Warning, "cores", "1", "workers will take turns; asynchronous training gains little here");

    private static Finding Memory()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var found = string.Create(CultureInfo.InvariantCulture, $"{available / (double)(1 << 30):0.0} GiB");
        return available >= 1L << 29
            ? new(Health.Ok, "memory", found)
            : new(Health.Warning, "memory", found, "the fused engine needs about 250 MB, the torch engine about 1 GB");
    }

    private static Finding Vectors()
    {
        var widths = $"Vector512 {YesNo(Vector512.IsHardwareAccelerated)}, Vector256 {YesNo(Vector256.IsHardwareAccelerated)}, Vector128 {YesNo(Vector128.IsHardwareAccelerated)}";
        return Vector128.IsHardwareAccelerated
            ? new(Health.Ok, "CPU vectors", widths)
            : new(Health.Warning, "CPU vectors", widths, "the fused engine works but is slow; unset DOTNET_EnableHWIntrinsic if it is set");
    }

    private static Finding Torch()
    {
        var probe = TorchRuntime.Probe();
        return probe.Loads
            ? new(Health.Ok, "native library", $"TorchSharp {probe.TorchSharpVersion}, libtorch {probe.LibTorchVersion}, CUDA {YesNo(probe.Cuda)}")
            : new(Health.Problem, "native library", $"TorchSharp {probe.TorchSharpVersion} does not load: {probe.Reason?.ReplaceLineEndings(" ")}", probe.Advice ?? "train with --engine fused, which does not need it");
    }

    private static Finding HoconFiles() => File.Exists(HoconFolder.Reference)
        ? new(Health.Ok, "settings", HoconFolder.Root)
        : new(Health.Problem, "settings", $"{HoconFolder.Reference} is missing", "build or install AkkaRL again: hocon/ belongs beside the binary");

    private static Finding Writable(string what, string folder, string remedy)
    {
        // The folder itself, or the one that it would be made in.
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
            existing = parent;
        try
        {
            var probe = Path.Combine(existing, $".akkarl-doctor-{Environment.ProcessId}");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                return new(Health.Ok, what, $"{folder} can be written");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(Health.Problem, what, $"{folder} cannot be written: {error.Message}", remedy);
        }
    }

    private static string YesNo(bool yes) => yes ? "yes" : "no";
}
