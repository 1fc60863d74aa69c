using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

public class WrapperAllocationTests
{
    [Fact]
    public void A_step_through_every_wrapper_allocates_nothing()
    {
        using var env = new RewardNormalization(new FrameStack(new ObservationNormalization(new OneHotObservation(
            new TimeLimit(new ValidatedEnv(EnvCatalog.BuiltIn.Find("FrozenLake-v1").Create(), "FrozenLake"), 100))), 2));
        var (action, observation) = (new float[] { 2 }, new float[env.ObservationSpace.Size]);
        env.Reset(1, observation);
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
                if (env.Step(action, observation).EpisodeEnded)
                    env.Reset(seed: null, observation);
        }
    }
}
