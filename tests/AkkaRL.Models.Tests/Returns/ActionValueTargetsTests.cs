using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Tests.Returns;

public class ActionValueTargetsTests
{
    private const int Actions = 3;
    private const float Gamma = 0.9f;

    private static readonly float[] Rewards = [1, 2, 3];

    /// <summary>Q⁻(s_{t+1}, ·) for the three steps.</summary>
    private static readonly float[] NextValues = [10, 30, 20, -1, -3, -2, 5, 4, 100];

    [Fact]
    public void One_step_Q_bootstraps_from_the_best_next_action() =>
        Assert.Equal([28, 1.1f, 93], OneStepQ(terminated: false), Close);

    [Fact]
    public void A_terminated_step_has_nothing_to_bootstrap_from()
    {
        Assert.Equal([28, 1.1f, 3], OneStepQ(terminated: true), Close);
        Assert.Equal([19, 0.2f, 3], OneStepSarsa(terminated: true), Close);
        Assert.Equal([1 + 0.9f * (2 + 0.9f * 3), 2 + 0.9f * 3, 3], NStepQ(terminated: true), Close);
    }

    [Fact]
    public void Sarsa_bootstraps_from_the_action_taken_next() =>
        Assert.Equal([19, 0.2f, 3 + 0.9f * 4], OneStepSarsa(terminated: false), Close);

    [Fact]
    public void N_step_Q_bootstraps_from_the_best_action_where_the_rollout_ended() =>
        Assert.Equal([1 + 0.9f * (2 + 0.9f * 93), 2 + 0.9f * 93, 93], NStepQ(terminated: false), Close);

    [Fact]
    public void Only_actions_that_the_next_state_allows_are_bootstrapped_from()
    {
        var targets = new float[3];
        ActionValueTargets.OneStepQ(Rewards, NextValues, false, Gamma, targets, [true, false, true, false, true, true, true, true, false]);
        Assert.Equal([1 + 0.9f * 20, 2 - 0.9f * 2, 3 + 0.9f * 5], targets, Close);
        ActionValueTargets.NStepQ(Rewards, NextValues.AsSpan(6..), false, Gamma, targets, [true, true, false]);
        Assert.Equal([1 + 0.9f * (2 + 0.9f * 7.5f), 2 + 0.9f * 7.5f, 7.5f], targets, Close);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_target_equals_its_definition(bool terminated)
    {
        var random = new Randomness.RandomStream(4);
        const int T = 40;
        var rewards = Draw(T);
        var values = Draw(T * Actions);
        int[] taken = [.. Enumerable.Range(0, T).Select(_ => random.NextInteger(Actions))];
        var (q, sarsa, nStep) = (new float[T], new float[T], new float[T]);
        ActionValueTargets.OneStepQ(rewards, values, terminated, Gamma, q);
        ActionValueTargets.OneStepSarsa(rewards, values, taken, terminated, Gamma, sarsa);
        ActionValueTargets.NStepQ(rewards, values.AsSpan(^Actions..), terminated, Gamma, nStep);
        for (var t = 0; t < T; t++)
        {
            var row = values.Skip(t * Actions).Take(Actions).ToArray();
            var goesOn = !terminated || t < T - 1 ? Gamma : 0;
            Assert.Equal(rewards[t] + goesOn * row.Max(), q[t], 1e-5);
            Assert.Equal(rewards[t] + goesOn * row[taken[t]], sarsa[t], 1e-5);
            var sum = terminated ? 0 : Math.Pow(Gamma, T - t) * values.Skip((T - 1) * Actions).Max();
            for (var k = t; k < T; k++)
                sum += Math.Pow(Gamma, k - t) * rewards[k];
            Assert.Equal(sum, nStep[t], 1e-4);
        }

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ActionValueTargets.OneStepQ(Rewards, NextValues, false, Gamma, new float[2]));
        Assert.Throws<ArgumentException>(() => ActionValueTargets.OneStepQ(Rewards, NextValues.AsSpan(1..), false, Gamma, new float[3]));
        Assert.Throws<ArgumentException>(() => ActionValueTargets.OneStepQ([], NextValues, false, Gamma, []));
        Assert.Throws<ArgumentException>(() => ActionValueTargets.OneStepSarsa(Rewards, NextValues, [0, 1], false, Gamma, new float[3]));
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) <= 1e-4f;

    private static float[] OneStepQ(bool terminated)
    {
        var targets = new float[3];
        ActionValueTargets.OneStepQ(Rewards, NextValues, terminated, Gamma, targets);
        return targets;
    }

    private static float[] OneStepSarsa(bool terminated)
    {
        var targets = new float[3];
        ActionValueTargets.OneStepSarsa(Rewards, NextValues, [2, 2, 1], terminated, Gamma, targets);
        return targets;
    }

    private static float[] NStepQ(bool terminated)
    {
        var targets = new float[3];
        ActionValueTargets.NStepQ(Rewards, NextValues.AsSpan(6..), terminated, Gamma, targets);
        return targets;
    }
}
