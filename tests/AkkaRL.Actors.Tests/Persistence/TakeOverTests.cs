using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Tests.Kit;
using static AkkaRL.Actors.Protocol.Snapshots;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A run is taken over while its former owner writes and deletes: the newcomer is the last writer all the same, and loses no snapshot.</summary>
public class TakeOverTests
{
    [Fact]
    public void A_take_over_is_written_after_all_others() => Expect(FormerOwnersMove.None, incarnation: 6, step: 300);

    [Fact]
    public void Markers_that_are_deleted_while_they_are_read_are_read_anew() => Expect(FormerOwnersMove.WritesWhileMarkersAreRead, incarnation: 6, step: 600);

    [Fact]
    public void A_take_over_into_a_hole_of_the_journal_is_tried_again() => Expect(FormerOwnersMove.WritesBeforeTheTakeOver, incarnation: 7, step: 600);

    [Fact]
    public void A_snapshot_that_was_being_stored_during_the_take_over_is_found() => Expect(FormerOwnersMove.StoresDuringTheLook, incarnation: 6, step: 300);

    private static void Expect(FormerOwnersMove move, long incarnation, long step)
    {
        using var kit = new TestKit(FormerOwner.Config(move));
        using var folder = new KeptRun();
        var parent = kit.CreateTestProbe();
        var storage = new SnapshotStorage(folder.Database, Resume: true);
        var keeper = parent.ChildActorOf(Props.Create(() => new SnapshotKeeper(storage, 1, TimeProvider.System)));
        keeper.Tell(new TakeOver(), parent);
        var found = parent.ExpectMsg<TakenOver>();
        Assert.Equal((incarnation, step), (found.Incarnation, found.Info?.GlobalStep));
        Assert.Empty(found.Refused);
    }
}
