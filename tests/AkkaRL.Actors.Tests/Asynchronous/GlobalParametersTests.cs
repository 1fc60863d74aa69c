using Akka.Actor;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class GlobalParametersTests
{
    [Fact]
    public void The_learning_rate_follows_the_global_step()
    {
        var global = new GlobalParameters([0], new SgdMomentum(1, 0), new LearningRateSchedule(1, 0, 100), new RunSettings { TotalSteps = 100 });
        Apply(global, gradient: 1, steps: 25);
        Apply(global, gradient: 1, steps: 25);
        Assert.Equal([-1.75f], global.Parameters);
        Assert.Equal((2, 0.5f), (global.Version, global.LearningRate));
    }

    [Fact]
    public void A_lag_beyond_a_bound_of_zero_is_scaled_by_its_inverse()
    {
        var optimizer = new RecordingOptimizer();
        var settings = new RunSettings { PolicyLag = new PolicyLagSettings { Maximum = 0, BeyondMaximum = LagRemedy.Scale } };
        var global = new GlobalParameters([0], optimizer, LearningRateSchedule.Constant(1), settings);
        for (var update = 0; update < 4; update++)
            Apply(global, gradient: 1, steps: 1);
        Apply(global, gradient: 1, steps: 1, version: 0);
        Assert.Equal([1, 1, 1, 1, 0.25f], optimizer.Applied.Select(update => update.Rate));
    }

    private static void Apply(GlobalParameters global, float gradient, int steps, long? version = null)
    {
        var loan = new GradientLoan(0, 0, ActorRefs.Nobody, 1) { Version = version ?? global.Version, Steps = steps };
        loan.Vector[0] = gradient;
        Assert.Null(global.Apply(loan));
        global.Steps.Settle(global.Steps.Grant(steps), steps);
    }
}
