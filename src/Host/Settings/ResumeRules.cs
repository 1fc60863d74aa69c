using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Settings;

/// <summary>Which settings a run may go on with that it did not begin with: those that do not change what it means.</summary>
internal static class ResumeRules
{
    /// <summary>How it is shown, how it is kept, what it survives, how long it goes on.</summary>
    private static readonly string[] Free =
    [
        "akkarl.environment-assembly", "akkarl.total-steps", "akkarl.stop-when-solved", "akkarl.metrics.", "akkarl.faults.", "akkarl.snapshots.",
        "akkarl.cluster.", "akkarl.telemetry.",
        "akkarl.evaluation.final-episodes", "akkarl.evaluation.timeout",
    ];

    /// <summary>Whether a run stays the same whatever this key is.</summary>
    public static bool IsFree(string key) => Free.Any(start => key.StartsWith(start, StringComparison.Ordinal));

    /// <exception cref="BadInputException">A setting differs that makes it another run.</exception>
    public static void Check(RunSettings began, RunSettings asked)
    {
        var isDeterministic = began.Deterministic || AlgorithmCatalog.Find(began.Algorithm).IsAlwaysDeterministic;
        foreach (var (before, after) in SettingKeys.Walk(began).Zip(SettingKeys.Walk(asked)))
        {
            var (was, wanted) = (SettingText.Write(before.Property.GetValue(before.Owner)!), SettingText.Write(after.Property.GetValue(after.Owner)!));
            if (was == wanted || IsFree(before.Key) || (before.Key == "akkarl.workers" && !isDeterministic))
                continue;
            throw new BadInputException(before.Key == "akkarl.workers"
                ? $"The run began with akkarl.workers = {was}, not {wanted}: a deterministic run takes its workers in turn, and is another with more or fewer of them. Leave it at {was}, or begin a new run."
                : $"The run began with {before.Key} = {was}, not {wanted}; that makes it another run. Leave it at {was}, or begin a new run.");
        }
        if (asked.TotalSteps < began.TotalSteps)
            throw new BadInputException($"The run began with {began.TotalSteps} env steps, more than the {asked.TotalSteps} now asked for. A run can only be made longer: ask for more, or leave --steps out.");
        if (asked.Snapshots.Database != began.Snapshots.Database)
            throw new BadInputException("The run's snapshots are in the other database: leave akkarl.snapshots.database as it was.");
    }
}
