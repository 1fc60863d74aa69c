using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl evaluate</c>: greedy episodes of a run's best or last policy.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CommandContext context)
    {
        var run = new Argument<string>("run") { Description = "The run's folder" };
        var episodes = new Option<string>("--episodes") { HelpName = "n", DefaultValueFactory = _ => "100", Description = "Episodes" };
        var seed = new Option<string>("--seed") { HelpName = "n", DefaultValueFactory = _ => "1000", Description = "The seed that each episode's is derived from" };
        var policy = new Option<string>("--policy") { HelpName = "best|last", DefaultValueFactory = _ => "best", Description = "The policy" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("evaluate", "Evaluate a trained policy, greedily") { run, episodes, seed, policy, json };
        command.SetAction(result => Run(
            context, result.GetValue(run)!, Whole<int>(result, episodes, 1, 1_000_000), Whole<ulong>(result, seed, 0, ulong.MaxValue), result.GetValue(policy)!, result.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string run, int episodes, ulong seed, string which, bool json)
    {
        if (which is not ("best" or "last"))
            throw new BadInputException($"--policy is {which}; it must be best or last.");
        var folder = Path.GetFullPath(run, context.CurrentFolder);
        var settingsFile = Path.Combine(folder, RunFolder.Settings);
        if (!File.Exists(settingsFile))
            throw new BadInputException($"{folder} holds no run: there is no {RunFolder.Settings} in it. Name a folder that akkarl train made, such as one under runs/.");
        var settings = SettingsLayers.Load([settingsFile], new Dictionary<string, string>(), []);
        var file = Path.Combine(folder, which == "last" ? PolicyFile.Last : PolicyFile.Best);
        using var policy = PolicyFile.Read(file, settings, EnvAssembly.FindEnv(EnvAssembly.Catalog(settings.EnvironmentAssembly), settings.Environment));
        using var interrupted = context.LeaveWhenStopped();
        var evaluation = policy.Evaluate(episodes, seed);
        context.Output.WriteLine(json
            ? JsonSerializer.Serialize(new { settings.Environment, settings.Algorithm, Policy = which, Seed = seed, evaluation.Episodes, evaluation.Mean, evaluation.StandardDeviation, evaluation.Minimum, evaluation.Maximum }, Json.Indented)
            : string.Create(CultureInfo.InvariantCulture, $"{settings.Environment}, {which} policy: {ProgressText.Evaluation(evaluation)} over {ProgressText.Count(evaluation.Episodes, "episode")}, {evaluation.Minimum:0.0} to {evaluation.Maximum:0.0}"));
        return ExitCodes.Success;
    }

    private static T Whole<T>(ParseResult result, Option<string> option, T minimum, T maximum) where T : INumber<T> =>
        T.TryParse(result.GetValue(option), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw new BadInputException($"{option.Name} is {result.GetValue(option)}; it must be a whole number between {minimum} and {maximum}.");
}
