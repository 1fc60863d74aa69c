using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Tabular;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;
using AkkaRL.Models.Networks;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl recommend</c>: which algorithm to begin with on an env, why, and the command that does.</summary>
/// <remarks>
/// Source: Intel's Coach, "Selecting an Algorithm": are the actions discrete or continuous, are samples costly, do several simulators run at once.
/// Differences: the kind of actions is read from the env; an algorithm that refuses the env's spaces is passed over; where the answers allow
/// several algorithms, one with an experiment on this env goes first.
/// </remarks>
internal static class RecommendCommand
{
    private static readonly string[] ReplayOfDiscrete = ["dqn"], ReplayOfContinuous = ["sac", "td3", "ddpg"], Parallel = ["a3c", "ppo", "a2c"], Plain = ["ppo", "a2c"];

    public static Command Create(CommandContext context)
    {
        var env = new Option<string>("--env") { HelpName = "id", Required = true, Description = "The env" };
        var assembly = new Option<string>("--env-assembly") { HelpName = "path", Description = "A .dll with envs of your own" };
        var costly = new Option<bool?>("--data-is-costly") { HelpName = "true|false", Description = "A step of the env is slow, or wears something out" };
        var parallel = new Option<bool?>("--parallel-simulator") { HelpName = "true|false", Description = "Several of the env can run at once" };
        var memory = new Option<bool?>("--memory") { HelpName = "true|false", Description = "One observation does not say all: the past matters" };
        var json = new Option<bool>("--json") { Description = "Print the answer as JSON, and ask nothing" };
        var command = new Command("recommend", "Name an algorithm to begin with; what no option says is asked on a terminal") { env, assembly, costly, parallel, memory, json };
        command.SetAction(result =>
        {
            var path = result.GetValue(assembly) is { } written ? Path.GetFullPath(written, context.CurrentFolder) : "";
            var spec = EnvAssembly.FindEnv(EnvAssembly.Catalog(path), result.GetValue(env)!);
            var asks = context.IsTerminal && !result.GetValue(json);
            var answers = new Answers(
                result.GetValue(costly) ?? (asks && Ask(context, "Is a step of the env costly: slow, or wearing something out?")),
                result.GetValue(parallel) ?? (asks && Ask(context, "Can several of the env run at once?")),
                result.GetValue(memory) ?? (asks && Ask(context, "Does what to do depend on more than the latest observation?")));
            var recommended = Recommend(spec, path, answers);
            context.Output.WriteLine(result.GetValue(json) ? JsonSerializer.Serialize(recommended, Json.Indented) : Text(recommended));
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>What is known beside the env.</summary>
    internal sealed record Answers(bool DataIsCostly, bool ParallelSimulator, bool Memory);

    /// <summary>The answer; its names are the keys of the JSON.</summary>
    /// <param name="Environment">The env's id.</param>
    /// <param name="Algorithm">A name of the catalog.</param>
    /// <param name="Experiment">The experiment of this algorithm on this env; null where there is none.</param>
    /// <param name="Command">How to begin.</param>
    /// <param name="Reasons">Why this one, a sentence each.</param>
    /// <param name="Measured">Every experiment on this env with its algorithm.</param>
    internal sealed record Recommendation(
        string Environment, string Algorithm, string? Experiment, string Command, IReadOnlyList<string> Reasons, IReadOnlyList<MeasuredExperiment> Measured);

    /// <summary>An experiment on the env.</summary>
    internal sealed record MeasuredExperiment(string Experiment, string Algorithm)
    {
        /// <summary>Whether its network has a memory.</summary>
        [JsonIgnore]
        public bool HasMemory { get; init; }
    }

    /// <summary>Decides.</summary>
    /// <exception cref="BadInputException">No algorithm can serve the env.</exception>
    internal static Recommendation Recommend(EnvSpec env, string assembly, Answers answers)
    {
        var (actions, isMasked, isTabular) = LookAt(env);
        MeasuredExperiment[] measured =
        [
            .. from known in HoconFolder.Experiments()
               let settings = SettingsLayers.Load([HoconFolder.FindExperiment(known.Name, ".")], new Dictionary<string, string>(), [])
               where settings.Environment == env.Id
               select new MeasuredExperiment(known.Name, settings.Algorithm) { HasMemory = settings.Network.Recurrent != RecurrentKind.None },
        ];
        // Of several, the one with the memory that is wanted, then the one that is named after the algorithm: it has no extras.
        MeasuredExperiment? ExperimentOf(string algorithm) => measured
            .Where(experiment => experiment.Algorithm == algorithm)
            .OrderBy(experiment => experiment.HasMemory != answers.Memory)
            .ThenBy(experiment => !experiment.Experiment.EndsWith($"-{algorithm}", StringComparison.Ordinal))
            .FirstOrDefault();

        string[] suitable = answers.DataIsCostly ? actions is Box ? ReplayOfContinuous : ReplayOfDiscrete : answers.ParallelSimulator ? Parallel : Plain;
        // Sorting is stable: the preference decides among those with an experiment, and among those without. Where a memory is wanted and was
        // measured on this env, that goes before all else.
        var algorithm = Preferred(suitable).Concat(Preferred(Parallel)).OrderBy(name => !(answers.Memory && ExperimentOf(name)?.HasMemory == true)).FirstOrDefault(name => Serves(name, env))
            ?? throw new BadInputException($"No algorithm here can serve {env.Id}: they choose Box actions, or Discrete and MultiDiscrete ones of at most 4096 values a choice, which alone can be masked. Wrap the env so that its spaces are such.");
        var chosen = ExperimentOf(algorithm);
        var experiment = chosen?.Experiment;
        var command = experiment is not null
            ? $"akkarl train {experiment}"
            : $"akkarl train --env {env.Id} --algorithm {algorithm}{(assembly == "" ? "" : $" --env-assembly {assembly}")}";
        var keepsReplay = AlgorithmCatalog.Find(algorithm).Shape == "replay";
        if (answers.Memory && !keepsReplay && chosen?.HasMemory != true && ServesWithMemory(experiment, algorithm, env))
            command += " --set network.recurrent=lstm";
        return new Recommendation(env.Id, algorithm, experiment, command, [.. Reasons()], measured);

        IEnumerable<string> Preferred(IEnumerable<string> names) => names.OrderBy(name => ExperimentOf(name) is null);

        IEnumerable<string> Reasons()
        {
            yield return actions switch
            {
                Discrete => "Its actions are discrete: a policy over them, or a value for each, can be learned.",
                MultiDiscrete => "Its actions are several discrete choices at once: a policy has a distribution for each, where a value for each of their combinations would be many.",
                _ => "Its actions are continuous: a policy must name them, for no table of values can list them.",
            };
            if (isMasked)
                yield return "It masks actions that a state does not allow: the algorithm never takes one, and learns from the others alone.";
            yield return !answers.DataIsCostly
                ? answers.ParallelSimulator
                    ? "Steps are cheap and several envs run at once: workers that act side by side beat a memory of old steps."
                    : "Steps are cheap: fresh ones for every update are the steadier way, so nothing is kept in a replay."
                : suitable.Contains(algorithm) ? "Steps are costly: a replay learns from each of them many times."
                : chosen is { HasMemory: true } && answers.Memory ? "Steps are costly, but the algorithms with a replay cannot use a network with a memory."
                : $"Steps are costly, but the algorithms with a replay ({string.Join(", ", suitable)}) refuse this env's spaces.";
            if (experiment is not null)
                yield return $"The experiment {experiment} trains it on this env; its head holds what was measured.";
            else if (measured.Length > 0)
                yield return $"No experiment here trains it on this env, so its settings are the defaults. Measured on this env: {string.Join(", ", measured.Select(known => $"{known.Experiment} ({known.Algorithm})"))}.";
            if (answers.Memory)
                yield return keepsReplay
                    ? "What to do depends on the past: stack the latest observations in your env with Envs/Wrappers/FrameStack, for algorithms with a replay cannot use a network with a memory."
                    : chosen is { HasMemory: true } ? "What to do depends on the past: its network has a memory."
                    : "What to do depends on the past: set network.recurrent = lstm, or stack the latest observations in your env with Envs/Wrappers/FrameStack.";
            if (isTabular)
                yield return $"Its MDP is written out: `akkarl solve {env.Id}` computes the best policy exactly, which shows how far learning comes.";
        }
    }

    private static (Space Actions, bool IsMasked, bool IsTabular) LookAt(EnvSpec env)
    {
        try
        {
            using var made = env.Create();
            return (made.ActionSpace, made.HasActionMask, made is TabularEnv);
        }
        catch (Exception error)
        {
            throw new BadInputException($"The env {env.Id} cannot be made: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} Correct its constructor or its spaces.");
        }
    }

    private static bool Serves(string algorithm, EnvSpec env)
    {
        try
        {
            _ = new RunPlan(new RunSettings { Algorithm = algorithm }, env);
            return true;
        }
        catch (InvalidSettingsException)
        {
            return false;
        }
    }

    /// <summary>Whether an LSTM can be set where nothing else is changed: minibatches must hold whole sequences.</summary>
    private static bool ServesWithMemory(string? experiment, string algorithm, EnvSpec env)
    {
        var settings = experiment is null ? new RunSettings { Algorithm = algorithm } : SettingsLayers.Load([HoconFolder.FindExperiment(experiment, ".")], new Dictionary<string, string>(), []);
        try
        {
            _ = new RunPlan(settings with { Network = settings.Network with { Recurrent = RecurrentKind.LSTM } }, env);
            return true;
        }
        catch (InvalidSettingsException)
        {
            return false;
        }
    }

    private static string Text(Recommendation recommended) =>
        $"{recommended.Algorithm}: {AlgorithmCatalog.Find(recommended.Algorithm).Summary}\n\n{string.Join('\n', recommended.Reasons.Select(reason => $"- {reason}"))}\n\n  {recommended.Command}";

    /// <summary>Asks until the answer is one; no more answers mean no.</summary>
    private static bool Ask(CommandContext context, string question)
    {
        while (true)
        {
            context.Output.Write($"{question} [y/N] ");
            context.Output.Flush();
            switch (context.Input.ReadLine()?.Trim().ToUpperInvariant())
            {
                case "Y" or "YES":
                    return true;
                case null or "" or "N" or "NO":
                    return false;
            }
        }
    }
}
