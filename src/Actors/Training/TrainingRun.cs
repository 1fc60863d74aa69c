using Akka.Actor;
using Akka.Configuration;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Training;

/// <summary>The entry point: trains an agent with a tree of supervised actors in this process.</summary>
public static class TrainingRun
{
    /// <summary>The dispatcher of actors that compute or wait for long: one thread each, so that nobody starves.</summary>
    internal const string PinnedDispatcher = "akka.actor.pinned-dispatcher";

    /// <summary>The dispatcher of an actor whose handlers take less time than waking a thread: it runs on its senders' threads.</summary>
    internal const string CallerDispatcher = "akka.actor.caller-dispatcher";

    /// <summary>How long the actors get to stop; a thread that hangs inside an env is left behind then.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    internal static readonly Config ActorSystemConfig = ConfigurationFactory.ParseString(
        $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = ["{{typeof(StandardErrorLogger).AssemblyQualifiedName}}"]
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor.pinned-dispatcher.type = PinnedDispatcher
          actor.caller-dispatcher.type = "{{typeof(CallerDispatcherConfigurator).AssemblyQualifiedName}}"
          actor.serializers.akkarl-snapshots = "{{typeof(SnapshotSerializer).AssemblyQualifiedName}}"
          actor.serialization-bindings {
            "{{typeof(SnapshotBytes).AssemblyQualifiedName}}" = akkarl-snapshots
            "{{typeof(SnapshotMarker).AssemblyQualifiedName}}" = akkarl-snapshots
          }
          actor.guardian-supervisor-strategy = "{{typeof(StoppingSupervisorStrategy).AssemblyQualifiedName}}"
        }
        """);

    /// <summary>Trains until the run is completed, solved, failed or stopped.</summary>
    /// <param name="settings">How.</param>
    /// <param name="env">On which env.</param>
    /// <param name="listener">Is told every <see cref="RunEvent"/>, one at a time, off the training threads.</param>
    /// <param name="storage">Where snapshots go, and whether to go on from one; null for none.</param>
    /// <param name="network">Makes the policy's network, such as a <c>TorchModule</c> of the caller's own; null for the layers of the settings.</param>
    /// <param name="stop">Ends the run gracefully: the open rollouts are dropped (where workers take turns and the run is kept, the round at hand is finished), the summary is made, the final evaluations skipped.</param>
    /// <exception cref="SnapshotStorageException">The run cannot be resumed.</exception>
    /// <exception cref="InvalidSettingsException">The settings are out of range or do not fit the env; nothing was started.</exception>
    public static async Task<RunResult> StartAsync(
        RunSettings settings, EnvSpec env, Action<RunEvent>? listener = null, SnapshotStorage? storage = null, INetworkFactory? network = null,
        CancellationToken stop = default)
    {
        var plan = new RunPlan(settings, env, network);
        var completion = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var system = ActorSystem.Create("akkarl", storage is null ? ActorSystemConfig : storage.Database.ActorSystemConfig.WithFallback(ActorSystemConfig));
        try
        {
            var run = system.ActorOf(Props.Create(() => new RunSupervisor(plan, listener, completion, TimeProvider.System, storage)), "run");
            await using var registration = stop.Register(() => run.Tell(new Supervision.EndTraining(StopReasons.Stopped)));
            await Task.WhenAny(completion.Task, run.WatchAsync(CancellationToken.None));
            return completion.Task.IsCompleted
                ? await completion.Task
                : throw new InvalidOperationException("The run's supervisor threw, which is a bug of AkkaRL; the log on standard error says what.");
        }
        finally
        {
            await Task.WhenAny(system.Terminate(), Task.Delay(ShutdownTimeout, TimeProvider.System, CancellationToken.None));
        }
    }
}
