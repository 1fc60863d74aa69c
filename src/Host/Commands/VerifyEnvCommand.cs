using System.CommandLine;
using System.Globalization;
using AkkaRL.Envs;
using AkkaRL.Envs.Traces;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl verify-env</c>: replays recorded episodes and says how far an env is from them.</summary>
internal static class VerifyEnvCommand
{
    public static Command Create(CommandContext context)
    {
        var traces = new Argument<string[]>("trace.json") { Arity = ArgumentArity.OneOrMore, Description = "Recorded episodes, one file an env" };
        var assembly = new Option<string>("--env-assembly") { HelpName = "path", Description = "A .dll with envs of your own, to verify them" };
        var tolerance = new Option<double>("--tolerance") { HelpName = "x", DefaultValueFactory = _ => 1e-5, Description = "The largest deviation of an observation or reward that still matches" };
        var command = new Command("verify-env", "Replay recorded episodes; exit code 1 when an env differs") { traces, assembly, tolerance };
        command.SetAction(result => Run(
            context, result.GetValue(traces)!, result.GetValue(assembly) is { } path ? Path.GetFullPath(path, context.CurrentFolder) : "", result.GetValue(tolerance)));
        return command;
    }

    private static int Run(CommandContext context, string[] paths, string assembly, double tolerance)
    {
        if (tolerance is not (>= 0 and < double.PositiveInfinity))
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"--tolerance is {tolerance}; it must be a number of 0 or more."));
        using var interrupted = context.LeaveWhenStopped();
        var catalog = EnvAssembly.Catalog(assembly);
        // All are replayed before anything is printed, so that a file that is no trace is all that is told.
        var verdicts = paths.Select(path => Replay(Path.GetFullPath(path, context.CurrentFolder), catalog)).ToArray();
        context.Output.WriteLine($"{"environment",-25}{"episodes",10}{"steps",10}  {"largest deviation",-18}{"flag mismatches",16}  verdict");
        foreach (var verdict in verdicts)
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{verdict.Environment,-25}{verdict.Episodes,10}{verdict.Steps,10}  {verdict.LargestObservationDeviation,-18:g3}{verdict.FlagMismatches,16}  {(verdict.AgreesWithin(tolerance) ? "matches" : $"DIFFERS: {verdict.FirstMismatch}")}"));
        return verdicts.All(verdict => verdict.AgreesWithin(tolerance)) ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static TraceVerdict Replay(string path, EnvCatalog catalog)
    {
        try
        {
            using var file = File.OpenRead(path);
            var trace = EnvTrace.Read(file);
            return TraceReplay.Run(trace, EnvAssembly.FindEnv(catalog, trace.Environment));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The trace {path} cannot be read: {error.Message} Check the path and its permissions.");
        }
        catch (FormatException error)
        {
            throw new BadInputException($"{path}: {error.Message} Name files that record episodes of the env they name.");
        }
    }
}
