using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;

namespace AkkaRL.Models.Tests.Replay;

public class PrioritizedReplayTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(0.6)]
    [InlineData(0.0)]
    public void Transitions_come_back_as_often_as_their_priorities_say(double exponent)
    {
        var replay = WithErrors([1, 2, 4, 9], exponent);
        var powers = new[] { 1.0, 2, 4, 9 }.Select(error => Math.Pow(error, exponent)).ToArray();

        var rows = Transitions.SampledMany(replay, 5_000);

        for (var number = 0; number < 4; number++)
            Assert.Equal(powers[number] / powers.Sum(), (double)rows.Count(row => row.Number == number) / rows.Count, 0.01);
    }

    [Fact]
    public void Importance_weights_take_the_unevenness_back()
    {
        var rows = Transitions.SampledMany(WithErrors([1, 2, 4, 9], 1), 5_000, importanceExponent: 1);
        // Relative to one another within a minibatch: w ∝ 1 / P, the rarest weighing 1 when it is there.
        var rarest = rows.Where(row => row.Number == 0).ToArray();
        Assert.All(rarest, row => Assert.Equal(1, row.Weight, 1e-5));
        Assert.All(rows.Where(row => row.Number == 3), row => Assert.InRange(row.Weight, 1f / 9 - 1e-5f, 1));
        Assert.All(Transitions.SampledMany(WithErrors([1, 2, 4, 9], 1), 10, importanceExponent: 0), row => Assert.Equal(1, row.Weight));
    }

    [Fact]
    public void A_run_longer_than_the_replay_forgets_old_priorities_with_their_transitions()
    {
        var replay = WithErrors([100, 1, 1, 1], 1);
        // The largest priority is given to what is new: 100 to number 4, in the place of number 0.
        replay.Add(Transitions.Numbered(4));

        var rows = Transitions.SampledMany(replay, 1_000);

        Assert.DoesNotContain(rows, row => row.Number == 0);
        Assert.Equal(100.0 / 103, (double)rows.Count(row => row.Number == 4) / rows.Count, 0.01);
    }

    [Fact]
    public void A_negative_exponent_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new PrioritizedReplay(4, 2, 1, -0.1));

    [Fact]
    public void The_sum_tree_finds_what_a_scan_finds()
    {
        var random = new RandomStream(3);
        var (tree, weights) = (new SumTree(13), new double[13]);
        for (var trial = 0; trial < 2_000; trial++)
        {
            var changed = random.NextInteger(13);
            tree[changed] = weights[changed] = random.NextInteger(4) * random.NextDouble();
            Assert.Equal(weights.Sum(), tree.Total, 1e-9);
            if (tree.Total == 0)
                continue;
            var point = random.NextDouble() * tree.Total;
            var (expected, sum) = (0, weights[0]);
            while (sum <= point)
                sum += weights[++expected];
            Assert.Equal(expected, tree.Find(point));
        }
    }

    private static PrioritizedReplay WithErrors(float[] errors, double exponent)
    {
        var replay = new PrioritizedReplay(4, 2, 1, exponent);
        for (var number = 0; number < 4; number++)
            replay.Add(Transitions.Numbered(number));
        var minibatch = new Minibatch(4, 2, 1, 1) { Count = 4 };
        for (var row = 0; row < 4; row++)
            (minibatch.Indices[row], minibatch.AbsoluteErrors[row]) = (row, errors[row]);
        replay.Prioritize(minibatch);
        return replay;
    }
}
