using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Models.Tests.Algorithms;

public class MinibatchesTests
{
    [Theory]
    [InlineData(64, 8)]
    [InlineData(63, 8)]
    [InlineData(20, 3)]
    [InlineData(8, 1)]
    [InlineData(5, 1)]
    public void A_policy_with_a_memory_gets_whole_sequences_each_once_an_epoch(int size, int sequencesOfOne)
    {
        var batch = Batch(stateSize: 2);
        var minibatches = new Minibatches(batch.Capacity);
        minibatches.Begin(batch, size);
        var random = new RandomStream(1);
        for (var epoch = 0; epoch < 5; epoch++)
        {
            minibatches.Shuffle(random);
            var seen = new List<int>();
            for (var m = 0; m < minibatches.Count; m++)
            {
                var rows = minibatches[m].ToArray();
                var sequences = rows.GroupBy(row => batch.History!.Sequence[row]).ToArray();
                Assert.InRange(sequences.Length, 1, sequencesOfOne);
                foreach (var sequence in sequences)
                {
                    var segment = batch.Segments[sequence.Key];
                    Assert.Equal(Enumerable.Range(segment.Start, segment.Steps), sequence);
                }
                seen.AddRange(rows);
            }
            Assert.Equal(Enumerable.Range(0, batch.Count), seen.Order());
            Assert.NotEqual(Enumerable.Range(0, batch.Count), seen);
        }
    }

    [Fact]
    public void A_policy_without_one_gets_rows_as_they_come()
    {
        var batch = Batch(stateSize: 0);
        var minibatches = new Minibatches(batch.Capacity);
        minibatches.Begin(batch, 20);
        minibatches.Shuffle(new RandomStream(1));
        var parts = Enumerable.Range(0, minibatches.Count).Select(m => minibatches[m].ToArray()).ToArray();
        Assert.Equal((batch.Count + 19) / 20, parts.Length);
        Assert.All(parts, part => Assert.InRange(part.Length, batch.Count / parts.Length, 20));
        Assert.Equal(Enumerable.Range(0, batch.Count), parts.SelectMany(part => part).Order());
        Assert.All(parts, part => Assert.NotEqual(part.Order(), part));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void One_minibatch_of_all_rows_stays_as_it_is(int stateSize)
    {
        var batch = Batch(stateSize);
        var minibatches = new Minibatches(batch.Capacity);
        var random = new RandomStream(1);
        minibatches.Begin(batch, 10 * batch.Count);
        minibatches.Shuffle(random);
        Assert.Equal(1, minibatches.Count);
        Assert.Equal(Enumerable.Range(0, batch.Count), minibatches[0].ToArray());
        Assert.Equal(new RandomStream(1).State, random.State);
    }

    [Fact]
    public void A_batch_keeps_each_env_s_initial_state_and_marks_the_episodes_that_begin_within()
    {
        var batch = Batch(stateSize: 2);
        var history = batch.History!;
        for (var sequence = 0; sequence < batch.Segments.Count; sequence++)
            Assert.Equal([100 * sequence, 100 * sequence + 1], history.InitialStates.AsSpan(2 * sequence, 2).ToArray());
        foreach (var (start, steps, _) in batch.Segments)
            for (var step = 0; step < steps; step++)
                Assert.Equal(step is 3 or 6, history.Begins[start + step]);
    }

    /// <summary>Nine envs of 8 steps, the last two of 7, whose episodes terminate at step 2 and are truncated at step 5.</summary>
    private static RolloutBatch Batch(int stateSize)
    {
        var rollout = new Rollout(9, 8, 1, 1, 1, stateSize);
        for (var env = 0; env < 9; env++)
        {
            rollout.Steps[env] = env < 7 ? 8 : 7;
            rollout.Terminated[env * 8 + 2] = rollout.Truncated[env * 8 + 5] = true;
            for (var i = 0; i < stateSize; i++)
                rollout.InitialStates[env * stateSize + i] = 100 * env + i;
        }
        var batch = new RolloutBatch(72, 1, 1, 1, stateSize);
        batch.Append(rollout);
        return batch;
    }
}
