using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A PostgreSQL of the test's own, which it stops and starts.</summary>
public sealed class PostgresRestartTests : IDisposable
{
    private readonly string folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"akkarl-postgres-{Guid.NewGuid():N}")).FullName;

    [PostgresFact]
    public async Task A_server_that_stops_and_starts_again_costs_the_snapshots_of_that_time_and_nothing_else()
    {
        var connection = Server("start");
        using var run = new KeptRun { Kept = SnapshotDatabase.PostgreSql(connection, "run") };
        var (isDown, isUp) = (false, false);
        var summary = await run.StartAsync(KeptRun.Endless, listener: happened =>
        {
            if (happened is SnapshotSaved && !isDown)
            {
                Server("stop");
                isDown = true;
            }
            else if (happened is FaultReported && isDown && !isUp)
            {
                Server("restart");
                isUp = true;
            }
            else if (happened is SnapshotSaved && isUp)
                run.Stop.Cancel();
        });
        Server("stop");
        Assert.Equal(StopReasons.Stopped, summary.StopReason);
        Assert.True(summary.Faults.StorageFaults > 0);
        Assert.Equal(summary.EnvironmentSteps, summary.Snapshots.LatestStep);
        Assert.Equal(0, summary.Faults.Total);
    }

    [PostgresFact]
    public void A_take_over_that_may_take_its_time_waits_for_a_server_that_is_away()
    {
        var database = SnapshotDatabase.PostgreSql(Server("start"), "run");
        Server("stop");
        var config = ConfigurationFactory.ParseString($$"""{{KitConfig.Patient}}, akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]""");
        using var kit = new TestKit(config.WithFallback(database.ActorSystemConfig).WithFallback(TrainingRun.ActorSystemConfig));
        var parent = kit.CreateTestProbe();
        var storage = new SnapshotStorage(database, Resume: true) { TakeOverPatience = TimeSpan.FromHours(1) };
        var keeper = parent.ChildActorOf(Props.Create(() => new SnapshotKeeper(storage, 1, TimeProvider.System)));

        kit.EventFilter.Warning(contains: "cannot be taken over yet, and is tried again").ExpectOne(TimeSpan.FromMinutes(1), () => keeper.Tell(new TakeOver(), parent));
        parent.ExpectNoMsg(TimeSpan.Zero);
        Server("restart");

        Assert.Equal(1, parent.ExpectMsg<TakenOver>(TimeSpan.FromMinutes(1)).Incarnation);
        Server("stop");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Server(string command)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, ".ci/postgres"), [command, Path.Combine(folder, "cluster")]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
