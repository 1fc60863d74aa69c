using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using AkkaRL.Actors.Cluster;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Training;

/// <summary>Refuses settings that no run should be started with, by the names that a user knows them by.</summary>
public static class SettingsValidation
{
    /// <summary>Rows that a batch may have; a gigabyte or so of observations and what is recorded with them.</summary>
    private const long MaximumBatch = 4_000_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Checks every <see cref="RangeAttribute"/> and what must hold between settings.</summary>
    /// <exception cref="InvalidSettingsException">A setting is out of range; the message names its key, its value and what is allowed.</exception>
    public static void Validate(RunSettings settings)
    {
        foreach (var ((key, owner, property), original) in SettingKeys.Walk(settings).Zip(SettingKeys.Walk(new RunSettings())))
            if (property.GetCustomAttribute<RangeAttribute>() is { } range)
                RequireInRange(key, property.GetValue(owner)!, range, original.Property.GetValue(original.Owner)!);
            else if (property.GetValue(owner) is TimeSpan wait)
                Require(wait > TimeSpan.Zero && wait <= LongestWait, $"{key} is {Text(wait.TotalMilliseconds)} ms; it must be above 0 and at most one day.");
        ClusterValidation.Require(settings.Cluster);
        TelemetrySettings.Require(settings.Telemetry);
        NetworkValidation.Require(settings, AlgorithmCatalog.Find(settings.Algorithm));
        RequireFittingDevice(settings.Engine, settings.Device);
        RequireFittingRollouts(settings);
        var (first, longest) = (settings.Faults.BackOffMinimum, settings.Faults.BackOffMaximum);
        Require(longest >= first,
            $"akkarl.faults.back-off-maximum, {Text(longest.TotalMilliseconds)} ms, is below akkarl.faults.back-off-minimum, {Text(first.TotalMilliseconds)} ms; raise the first or lower the second.");
        RequireFittingReplay("dqn", settings.DQN, settings.Workers);
        RequireFittingQ(settings);
        RequireFittingReplay("ddpg", settings.DDPG, settings.Workers);
        RequireFittingReplay("td3", settings.TD3, settings.Workers);
        RequireFittingReplay("sac", settings.SAC, settings.Workers);
        RequireFittingAsynchronousQ("async-one-step-q", settings.AsyncOneStepQ);
        RequireFittingAsynchronousQ("async-sarsa", settings.AsyncSarsa);
        RequireFittingAsynchronousQ("async-n-step-q", settings.AsyncNStepQ);
        Require(settings.A3C.FinalLearningRate <= settings.A3C.LearningRate,
            $"akkarl.a3c.final-learning-rate is {Text(settings.A3C.FinalLearningRate)}, above akkarl.a3c.learning-rate, {Text(settings.A3C.LearningRate)}; the rate only falls: lower the first or raise the second.");
    }

    /// <summary>What must hold between the settings of a synchronous algorithm, when it is the one chosen.</summary>
    private static void RequireFittingRollouts(RunSettings settings)
    {
        foreach (var property in SettingKeys.PropertiesOf(typeof(RunSettings)))
        {
            if (property.GetValue(settings) is not RolloutSettings rollouts)
                continue;
            var section = $"{SettingKeys.Root}.{SettingKeys.Of(property.Name)}";
            Require(rollouts.FinalLearningRate <= rollouts.LearningRate,
                $"{section}.final-learning-rate is {Text(rollouts.FinalLearningRate)}, above {section}.learning-rate, {Text(rollouts.LearningRate)}; the rate only falls: lower the first or raise the second.");
            if (SettingKeys.Of(property.Name) != settings.Algorithm)
                continue;
            var rows = (long)settings.Workers * rollouts.EnvsPerWorker * rollouts.RolloutSteps;
            Require(rows <= MaximumBatch,
                $"A batch has akkarl.workers · {section}.envs-per-worker · {section}.rollout-steps = {rows} env steps, more than {MaximumBatch}; lower {section}.rollout-steps ({rollouts.RolloutSteps}) or one of the others.");
            var minibatch = (rollouts as PPOSettings)?.MinibatchSize ?? (rollouts as PPOKlSettings)?.MinibatchSize ?? 1;
            Require(minibatch <= rows,
                $"{section}.minibatch-size is {minibatch}, more than a batch: akkarl.workers · {section}.envs-per-worker · {section}.rollout-steps = {rows} env steps. Lower the first, or raise one of the others.");
        }
        Require(settings.PPO.FinalClipRange <= settings.PPO.ClipRange,
            $"akkarl.ppo.final-clip-range is {Text(settings.PPO.FinalClipRange)}, above akkarl.ppo.clip-range, {Text(settings.PPO.ClipRange)}; the range only falls: lower the first or raise the second.");
    }

    private static void RequireFittingAsynchronousQ(string section, AsynchronousQSettings settings)
    {
        var key = $"akkarl.{section}";
        Require(settings.FinalLearningRate <= settings.LearningRate,
            $"{key}.final-learning-rate is {Text(settings.FinalLearningRate)}, above {key}.learning-rate, {Text(settings.LearningRate)}; the rate only falls: lower the first or raise the second.");
        var (finals, probabilities) = (settings.FinalEpsilons, settings.FinalEpsilonProbabilities);
        Require(!finals.IsDefaultOrEmpty && finals.All(epsilon => epsilon is >= 0 and <= 1),
            $"{key}.final-epsilons is {List(finals)}; it must list one or more probabilities between 0 and 1, such as [0.1, 0.01, 0.5].");
        Require(!probabilities.IsDefault && probabilities.Length == finals.Length && probabilities.All(part => part is >= 0 and <= 1) && Math.Abs(probabilities.Sum() - 1) < 1e-6,
            $"{key}.final-epsilon-probabilities is {List(probabilities)}; it must list a number between 0 and 1 for each of {key}.final-epsilons, {finals.Length} in all, that add up to 1, such as [0.4, 0.3, 0.3].");
    }

    private static void RequireFittingReplay(string section, ReplaySettings settings, int workers)
    {
        var key = $"akkarl.{section}";
        Require(settings.FinalLearningRate <= settings.LearningRate,
            $"{key}.final-learning-rate is {Text(settings.FinalLearningRate)}, above {key}.learning-rate, {Text(settings.LearningRate)}; the rate only falls: lower the first or raise the second.");
        Require(settings.ReplayCapacity >= settings.BatchSize,
            $"{key}.replay-capacity is {settings.ReplayCapacity}, below {key}.batch-size, {settings.BatchSize}; raise the first or lower the second.");
        Require(settings.LearningStarts >= settings.BatchSize,
            $"{key}.learning-starts is {settings.LearningStarts}, below {key}.batch-size, {settings.BatchSize}; an update would find too few transitions: raise the first or lower the second.");
        Require(settings.LearningStarts >= (long)settings.NStep * workers,
            $"{key}.learning-starts is {settings.LearningStarts}, below {key}.n-step x akkarl.workers, {(long)settings.NStep * workers}; the first update could find no transition: raise the first or lower the others.");
    }

    private static void RequireFittingQ(RunSettings settings)
    {
        var dqn = settings.DQN;
        Require(dqn.ValueMinimum < dqn.ValueMaximum,
            $"akkarl.dqn.value-minimum is {Text(dqn.ValueMinimum)}, not below akkarl.dqn.value-maximum, {Text(dqn.ValueMaximum)}; the atoms lie between them: lower the first or raise the second.");
        if (settings.Algorithm == "dqn")
            return;
        Require(!dqn.Noisy,
            $"akkarl.dqn.noisy is on, but akkarl.algorithm is {settings.Algorithm}, which has no noisy network; set akkarl.algorithm = dqn, or akkarl.dqn.noisy = off.");
        Require(dqn.Atoms <= 1,
            $"akkarl.dqn.atoms is {dqn.Atoms}, but akkarl.algorithm is {settings.Algorithm}, which learns no distribution of the return; set akkarl.algorithm = dqn, or akkarl.dqn.atoms = 0.");
    }

    private static void RequireInRange(string key, object value, RangeAttribute range, object original)
    {
        var (minimum, maximum) = (Number(range.Minimum), Number(range.Maximum));
        var number = Number(value);
        // Written so that NaN is out of range.
        var inside = (range.MinimumIsExclusive ? number > minimum : number >= minimum) && (range.MaximumIsExclusive ? number < maximum : number <= maximum);
        Require(inside, $"{key} is {Text(value)}; it must be {Allowed(range, minimum, maximum)} (the default is {Text(original)}).");
    }

    private static string Allowed(RangeAttribute range, double minimum, double maximum)
    {
        if (!range.MinimumIsExclusive && !range.MaximumIsExclusive && maximum < int.MaxValue)
            return $"between {Text(minimum)} and {Text(maximum)}";
        var low = $"{(range.MinimumIsExclusive ? "above" : "at least")} {Text(minimum)}";
        return maximum >= int.MaxValue ? low : $"{low} and {(range.MaximumIsExclusive ? "below" : "at most")} {Text(maximum)}";
    }

    private static void RequireFittingDevice(EngineKind engine, string device)
    {
        Require(!string.IsNullOrWhiteSpace(device), "akkarl.device is empty; say where to compute: cpu, or \"cuda:0\".");
        Require(engine != EngineKind.Fused || device == "cpu",
            $"akkarl.device is \"{device}\" but the fused engine is always on the CPU; set akkarl.engine = torch, or akkarl.device = cpu.");
    }

    private static string List(ImmutableArray<double> values) => values.IsDefault ? "missing" : $"[{string.Join(", ", values.Select(value => Text(value)))}]";

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new InvalidSettingsException(message);
    }
}
