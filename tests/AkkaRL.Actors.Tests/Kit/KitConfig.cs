namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Configurations of the test kit's actor systems.</summary>
internal static class KitConfig
{
    /// <summary>A message that is expected may take long on a busy machine; a test that waits for it in vain fails in any case.</summary>
    public const string Patient = """
        akka.loglevel = WARNING
        akka.stdout-loglevel = WARNING
        akka.test.single-expect-default = 20s
        """;

    /// <summary>Time stands still until a test advances it.</summary>
    public const string TestScheduler = $"""
        {Patient}
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        """;

    /// <summary>A whole run can be started in the test's actor system.</summary>
    public const string RunDispatchers = $"""
        {Patient}
        akka.actor.pinned-dispatcher.type = PinnedDispatcher
        akka.actor.caller-dispatcher.type = "AkkaRL.Actors.Training.CallerDispatcherConfigurator, AkkaRL.Actors"
        """;
}
