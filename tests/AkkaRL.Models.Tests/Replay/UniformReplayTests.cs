using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;

namespace AkkaRL.Models.Tests.Replay;

public class UniformReplayTests
{
    private const int Capacity = 10;

    [Fact]
    public void A_run_longer_than_the_replay_leaves_the_latest_transitions_whole()
    {
        var replay = new UniformReplay(Capacity, 2, 1);
        for (var t = 0; t < 37; t++)
            replay.Add(Transitions.Numbered(t));

        Assert.Equal(Capacity, replay.Count);
        var seen = Transitions.SampledMany(replay, 50).Select(row => row.Number).Distinct().Order();
        Assert.Equal(Enumerable.Range(27, Capacity), seen);
    }

    [Fact]
    public void Every_part_of_a_sampled_row_is_of_the_same_transition()
    {
        var replay = new UniformReplay(Capacity, 2, 1);
        for (var t = 0; t < 25; t++)
        {
            replay.Add(Transitions.Numbered(t));
            foreach (var row in Transitions.SampledMany(replay, 3))
                Assert.Equal((row.Number, row.Number, row.Number + 1, row.Number), (row.Action, row.Reward, row.Next, (int)(row.Discount * 1000)));
        }
    }

    [Fact]
    public void Every_transition_is_as_likely_and_weighs_one()
    {
        var replay = new UniformReplay(4, 2, 1);
        for (var t = 0; t < 6; t++)
            replay.Add(Transitions.Numbered(t));

        var rows = Transitions.SampledMany(replay, 2_000);

        Assert.All(rows, row => Assert.Equal(1, row.Weight));
        foreach (var count in rows.GroupBy(row => row.Number).Select(group => group.Count()))
            Assert.Equal(0.25, (double)count / rows.Count, 0.02);
    }

    [Fact]
    public void An_empty_replay_is_not_sampled() =>
        Assert.Throws<InvalidOperationException>(() => new UniformReplay(4, 2, 1).Sample(new Minibatch(1, 2, 1, 1), new RandomStream(1), 1));
}

/// <summary>Transitions that say their number everywhere.</summary>
internal static class Transitions
{
    public readonly record struct Row(int Number, int Action, int Reward, int Next, float Discount, float Weight);

    public static TransitionBatch Numbered(int number)
    {
        var batch = new TransitionBatch(1, 2, 1) { Count = 1 };
        batch.Observations.AsSpan().Fill(number);
        batch.NextObservations.AsSpan().Fill(number + 1);
        (batch.Actions[0], batch.Rewards[0], batch.Discounts[0]) = (number, number, (number + 0.5f) / 1000);
        return batch;
    }

    public static List<Row> SampledMany(IReplay replay, int minibatches, double importanceExponent = 1)
    {
        var (minibatch, random, rows) = (new Minibatch(8, 2, 1, 1), new RandomStream(7), new List<Row>());
        for (var i = 0; i < minibatches; i++)
        {
            replay.Sample(minibatch, random, importanceExponent);
            for (var row = 0; row < 8; row++)
                rows.Add(new Row(
                    (int)minibatch.Observations[2 * row + 1], (int)minibatch.Actions[row], (int)minibatch.Rewards[row],
                    (int)minibatch.NextObservations[2 * row], minibatch.Discounts[row], minibatch.Weights[row]));
        }
        return rows;
    }
}
