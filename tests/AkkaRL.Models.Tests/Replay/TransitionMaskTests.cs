using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;

namespace AkkaRL.Models.Tests.Replay;

/// <summary>A transition remembers which actions its next state allows.</summary>
public class TransitionMaskTests
{
    private const int MaskSize = 5; // no whole number of floats

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void Its_mask_is_that_of_the_state_that_it_ends_in(int n, bool terminated)
    {
        const int Length = 7;
        var (steps, transitions) = (new NStepTransitions(n, 0.9f, 1, 1, MaskSize), new TransitionBatch(32, 1, 1, MaskSize));
        for (var t = 0; t < Length; t++)
        {
            var last = t == Length - 1;
            steps.Add([t], [t], 1, [t + 1], last && terminated, last && !terminated, transitions, last && terminated ? [] : MaskOf(t + 1));
        }
        for (var t = 0; t < Length; t++)
        {
            var end = Math.Min(t + n, Length);
            Assert.Equal(terminated && end == Length ? [true, true, true, true, true] : MaskOf(end), transitions.NextAllowed(t).ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_replay_gives_it_back_with_its_transition(bool prioritized)
    {
        IReplay replay = prioritized ? new PrioritizedReplay(8, 1, 1, 0.5, maskSize: MaskSize) : new UniformReplay(8, 1, 1, MaskSize);
        var batch = new TransitionBatch(1, 1, 1, MaskSize) { Count = 1 };
        for (var number = 0; number < 20; number++)
        {
            batch.Observations[0] = number;
            MaskOf(number).CopyTo(batch.NextAllowed(0));
            replay.Add(batch);
        }
        var minibatch = new Minibatch(64, 1, 1, 1, MaskSize);
        replay.Sample(minibatch, new RandomStream(1), 1);
        for (var row = 0; row < minibatch.Count; row++)
            Assert.Equal(MaskOf((int)minibatch.Observations[row]), minibatch.NextAllowed(row).ToArray());
    }

    [Fact]
    public void Without_masks_it_has_none() => Assert.True(new TransitionBatch(3, 1, 1).NextAllowed(2).IsEmpty);

    private static bool[] MaskOf(int state) => [.. Enumerable.Range(0, MaskSize).Select(action => (state + 1 >> action & 1) == 1)];
}
