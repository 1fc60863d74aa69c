using AkkaRL.Envs;

namespace AkkaRL.Actors.Training;

/// <summary>The entry point: trains an agent with a tree of supervised actors in this process.</summary>
public static class TrainingRun
{
    /// <summary>Trains until the run is completed, solved, failed or stopped.</summary>
    /// <param name="settings">How.</param>
    /// <param name="env">On which env.</param>
    /// <param name="listener">Is told every <see cref="RunEvent"/>, one at a time, off the training threads.</param>
    /// <param name="stop">Ends the run gracefully: the open rollouts are dropped, the summary is made, the final evaluations skipped.</param>
    /// <exception cref="InvalidSettingsException">The settings are out of range or do not fit the env; nothing was started.</exception>
    public static Task<RunResult> StartAsync(RunSettings settings, EnvSpec env, Action<RunEvent>? listener = null, CancellationToken stop = default) =>
        throw new InvalidSettingsException("not yet");
}
