using System.Diagnostics;
using System.Globalization;
using AkkaRL.Envs;

namespace AkkaRL.Benchmarks;

/// <summary>How long the built akkarl takes from the start of its process to the first env step of a training run, and to its end.</summary>
internal static class StartUp
{
    private const int Rounds = 11;

    public static async Task PrintAsync(TextWriter output)
    {
        var binary = Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, "../../../../../src/Host/bin/Release/net10.0", OperatingSystem.IsWindows() ? "akkarl.exe" : "akkarl"));
        var folder = Directory.CreateTempSubdirectory("akkarl-benchmark-");
        try
        {
            await MeasureAsync(binary, folder.FullName, "warm"); // reads the files
            List<(double FirstStep, double Whole)> runs = [];
            for (var round = 0; round < Rounds; round++)
                runs.Add(await MeasureAsync(binary, folder.FullName, round.ToString(CultureInfo.InvariantCulture)));
            output.WriteLine(
                $"akkarl train, process start to the first env step: median {Median(runs.Select(run => run.FirstStep)):0.000} s "
                + $"({runs.Min(run => run.FirstStep):0.000} to {runs.Max(run => run.FirstStep):0.000}) of {Rounds}; "
                + $"the whole process of a run of one env step: {Median(runs.Select(run => run.Whole)):0.000} s.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(double FirstStep, double Whole)> MeasureAsync(string binary, string folder, string name)
    {
        var file = Path.Combine(folder, $"{name}.txt");
        var arguments = new[]
        {
            "train", "--env", "FirstStep-v0", "--env-assembly", typeof(StartUp).Assembly.Location, "--steps", "1", "--quiet", "--run-folder", Path.Combine(folder, name),
        };
        var start = new ProcessStartInfo(binary, arguments) { RedirectStandardOutput = true, Environment = { [FirstStepEnv.File] = file } };
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var whole = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{binary} ended with exit code {process.ExitCode}.");
        var stepped = long.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture);
        return (Stopwatch.GetElapsedTime(started, stepped).TotalSeconds, whole);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}

/// <summary>CartPole that writes down when it is first stepped, by the clock that all processes share (<see cref="Stopwatch"/>).</summary>
[EnvId("FirstStep-v0", MaximumEpisodeSteps = 500)]
public sealed class FirstStepEnv : IEnv
{
    /// <summary>The environment variable that names the file to write to.</summary>
    internal const string File = "AKKARL_FIRST_STEP";

    private readonly IEnv cartPole = EnvCatalog.BuiltIn.Make("CartPole-v1");
    private string? file = Environment.GetEnvironmentVariable(File);

    /// <inheritdoc/>
    public Space ObservationSpace => cartPole.ObservationSpace;

    /// <inheritdoc/>
    public Space ActionSpace => cartPole.ActionSpace;

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation) => cartPole.Reset(seed, observation);

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        if (file is not null)
        {
            // Evaluations step envs of their own afterwards; several workers may come first at once.
            var stepped = Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture);
            if (!System.IO.File.Exists(file))
                System.IO.File.WriteAllText(file, stepped);
            file = null;
        }
        return cartPole.Step(action, observation);
    }

    /// <inheritdoc/>
    public void Dispose() => cartPole.Dispose();
}
