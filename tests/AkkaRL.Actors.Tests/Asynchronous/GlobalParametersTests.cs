using Akka.Actor;
using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Persistence;
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

    [Fact]
    public void What_a_node_has_updated_is_added_and_counts_as_so_many_updates()
    {
        var global = new GlobalParameters([1, 2], new SgdMomentum(2, 0.9f), LearningRateSchedule.Constant(1), new RunSettings());
        Assert.Null(global.Apply(OfNode([0.5f, -0.5f], updates: 4, moments: [7, 8])));
        Assert.Equal([1.5f, 1.5f], global.Parameters);
        Assert.Equal([7, 8], global.CopyMoments());
        Assert.Equal((4, 2, 4.0), (global.Version, global.Statistics.Episodes, global.Statistics.MeanReturn));
        Assert.Null(global.Apply(OfNode([0.5f, 0.5f], updates: 0, moments: [])));
        Assert.Equal((4, 2), (global.Version, global.Parameters[0]));
        Assert.Equal([7, 8], global.CopyMoments());
    }

    [Fact]
    public void The_lag_of_what_a_node_has_updated_is_what_others_have_and_what_it_had_on_the_node()
    {
        var settings = new RunSettings { PolicyLag = new PolicyLagSettings { Maximum = 2, BeyondMaximum = LagRemedy.Scale } };
        var global = new GlobalParameters([0, 0], new SgdMomentum(2, 0), LearningRateSchedule.Constant(1), settings);
        global.Apply(OfNode([0, 0], updates: 3, moments: []));
        Assert.Null(global.Apply(OfNode([1, 2], updates: 5, moments: [], lagThere: 1))); // 3 of others, 1 on the node
        Assert.Equal([0.5f, 1], global.Parameters);
        Assert.Equal(new(0, 2, 4), global.PolicyLag);
    }

    [Theory]
    [InlineData(8, 16, 1f)]
    [InlineData(8, 184, 0.125f)]
    [InlineData(184, 216, 0.5f)] // two nodes of a kind: nearly the mean
    public void What_has_missed_many_updates_of_others_counts_in_part(int updates, int missed, float part)
    {
        var global = new GlobalParameters([0, 0], new SgdMomentum(2, 0), LearningRateSchedule.Constant(1), new RunSettings());
        Assert.Null(global.Apply(OfNode([0, 0], missed, moments: [])));
        Assert.Null(global.Apply(OfNode([1, 2], updates, moments: [])));
        Assert.Equal([part, 2 * part], global.Parameters);
        Assert.Equal(missed + updates, global.Version);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void What_has_blown_up_on_a_node_is_refused(float value)
    {
        var global = new GlobalParameters([1, 2], new SgdMomentum(2, 0), LearningRateSchedule.Constant(1), new RunSettings());
        Assert.Equal(FaultKind.NonFiniteGradient, global.Apply(OfNode([0, value], updates: 4, moments: [])));
        Assert.Equal((0, 1, 2), (global.Version, global.Parameters[0], global.Parameters[1]));
    }

    [Fact]
    public void The_target_moves_with_the_first_update_at_or_past_each_multiple_of_its_interval()
    {
        var global = WithTarget();
        Assert.False(Moves(global, steps: 9));
        Assert.True(Moves(global, steps: 1));
        Assert.Equal((1, -2f), (global.Target!.Version, global.Target.Values.Span[0]));
        Assert.False(Moves(global, steps: 8));
        Assert.True(Moves(global, steps: 25));
        Assert.Equal((4, -4f), (global.Target.Version, global.Target.Values.Span[0]));
        Assert.False(global.MoveTarget());
    }

    [Fact]
    public void A_snapshot_holds_the_target_and_a_reset_begins_with_the_parameters()
    {
        var (global, state) = (WithTarget(), new RunState());
        Moves(global, steps: 12);
        Moves(global, steps: 5);
        global.Capture(state);
        var other = WithTarget();
        other.Restore(state, granted: 0);
        Assert.Equal((1, -1f, -2f), (other.Target!.Version, other.Target.Values.Span[0], other.Parameters[0]));
        Assert.True(Moves(other, steps: 3));
        other.Reset([7], []);
        Assert.Equal((0, 7f), (other.Target.Version, other.Target.Values.Span[0]));
    }

    [Fact]
    public void An_algorithm_without_a_target_has_none()
    {
        var global = new GlobalParameters([0], new SgdMomentum(1, 0), LearningRateSchedule.Constant(1), new RunSettings());
        Assert.False(Moves(global, steps: 5));
        Assert.Null(global.Target);
    }

    private static GradientLoan OfNode(float[] change, int updates, float[] moments, long lagThere = 0)
    {
        FinishedEpisode[] episodes = updates == 0 ? [] : [new(3, 3), new(5, 5)];
        var loan = new GradientLoan(0, 0, ActorRefs.Nobody, change.Length) { Steps = 20, Updates = updates, LagThere = lagThere, Moments = moments, Losses = new(1, 1, 1, 1), Episodes = episodes };
        change.CopyTo(loan.Vector, 0);
        return loan;
    }

    private static GlobalParameters WithTarget() =>
        new([0], new SgdMomentum(1, 0), LearningRateSchedule.Constant(1), new RunSettings { TotalSteps = 1000 }, targetInterval: 10);

    private static bool Moves(GlobalParameters global, int steps)
    {
        Apply(global, gradient: 1, steps);
        return global.MoveTarget();
    }

    private static void Apply(GlobalParameters global, float gradient, int steps, long? version = null)
    {
        var loan = new GradientLoan(0, 0, ActorRefs.Nobody, 1) { Version = version ?? global.Version, Steps = steps };
        loan.Vector[0] = gradient;
        Assert.Null(global.Apply(loan));
        global.Steps.Settle(global.Steps.Grant(steps), steps);
    }
}
