using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Cluster.Tests.Links;

public sealed class NodeFiguresTests
{
    private static readonly FinishedEpisode[] Episodes = [new(3, 3), new(5, 5)];

    private readonly NodeFigures figures = new();

    [Fact]
    public void Env_steps_and_episodes_of_every_shape_are_counted_when_they_are_sent()
    {
        figures.Say(new UpdatesMade(0, 0, 4, 0, 32, default, Episodes, default, default));
        figures.Say(new RolloutMade(0, 0, 0, [3, 4], new byte[7], [], []));
        figures.Hear(new StepsWanted(1, 0, 0, 9));
        figures.Say(new TransitionsMade(1, 0, 8, Episodes, []));
        Assert.Equal((32 + 7 + 9, 4, 3), (figures.EnvSteps, figures.Episodes, figures.Messages));
    }

    [Fact]
    public void Bytes_are_counted_in_each_direction()
    {
        figures.CountSent(3);
        figures.CountTaken(70);
        figures.CountSent(4);
        Assert.Equal((7, 70), (figures.BytesSent, figures.BytesTaken));
    }

    [Fact]
    public void A_rollout_is_lost_with_its_worker_and_every_one_with_the_link()
    {
        figures.Admit();
        for (var worker = 0; worker < 3; worker++)
            figures.Hear(new WorkerAssigned(worker, 0));
        Assert.Equal(3, figures.Workers);
        figures.Say(new WorkerFaultedThere(1, FaultKind.Environment, ""));
        figures.Hear(new WorkerReleased(2));
        Assert.Equal((2, 2), (figures.Workers, figures.RolloutsLost));
        figures.Part();
        figures.Part();
        Assert.Equal((0, 4, 1), (figures.Workers, figures.RolloutsLost, figures.Links));
    }
}
