using AkkaRL.Envs.Probes;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

/// <summary>An env says which actions its state allows; wrappers pass it on, and the guard holds both sides to it.</summary>
public class ActionMaskTests
{
    [Fact]
    public void An_env_has_no_mask_unless_it_says_so()
    {
        IEnv env = new StubEnv([[0]]);
        Assert.False(env.HasActionMask);
        Assert.Contains("StubEnv says that it has an action mask", Assert.Throws<NotSupportedException>(() => env.WriteActionMask(new bool[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrapper_passes_the_mask_on_and_none_allocates()
    {
        var bare = new MaskedStub(new MultiDiscrete([2, 3]), [true, false, false, true, true]);
        using var env = new RewardNormalization(new FrameStack(new ObservationNormalization(new OneHotObservation(new TimeLimit(new ValidatedEnv(bare, "Stub"), 100))), 2));
        var mask = new bool[5];
        env.Reset(1, new float[env.ObservationSpace.Size]);
        Assert.True(env.HasActionMask);
        env.WriteActionMask(mask);
        Assert.Equal([true, false, false, true, true], mask);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            env.WriteActionMask(mask);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_vector_env_has_the_masks_of_all_its_envs()
    {
        using var envs = new VectorEnv([new MaskedStub(new Discrete(2), [true, false]), new MaskedStub(new Discrete(2), [true, true])]);
        var masks = new bool[4];
        Assert.True(envs.HasActionMask);
        envs.WriteActionMasks(masks);
        Assert.Equal([true, false, true, true], masks);
        Assert.Throws<ArgumentException>(() => envs.WriteActionMasks(new bool[3]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mask_that_allows_nothing_is_a_fault(bool several)
    {
        using var env = several ? Guarded(new MultiDiscrete([2, 3]), [true, true, false, false, false]) : Guarded(new Discrete(3), [false, false, false]);
        var fault = Assert.Throws<EnvFaultException>(() => env.WriteActionMask(new bool[env.ActionSpace.MaskSize]));
        Assert.Equal("WriteActionMask", fault.Call);
        Assert.Contains(several ? "a component of the action has no value that is allowed" : "no action is allowed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_that_the_env_does_not_write_are_false()
    {
        using var env = Guarded(new Discrete(4), [false, true]);
        bool[] mask = [true, true, true, true];
        env.WriteActionMask(mask);
        Assert.Equal([false, true, false, false], mask);
    }

    [Fact]
    public void A_write_beyond_the_mask_is_a_fault_that_says_its_size()
    {
        using var env = Guarded(new Discrete(2), [true, true, true]);
        Assert.Contains("its mask 2 flags", Assert.Throws<EnvFaultException>(() => env.WriteActionMask(new bool[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_action_against_the_mask_is_a_fault_and_one_that_it_allows_is_not()
    {
        using var env = Guarded(new MultiDiscrete([2, 3]), [true, false, false, true, true]);
        env.WriteActionMask(new bool[5]);
        env.Step([0, 2], new float[1]);
        env.WriteActionMask(new bool[5]);
        var fault = Assert.Throws<EnvFaultException>(() => env.Step([0, 0], new float[1]));
        Assert.Contains("the action [0, 0] is not allowed in this state by the env's mask", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_speaks_of_its_state_alone()
    {
        using var env = new ValidatedEnv(new KnightsTour(), "Knight");
        var (seen, mask) = (new float[50], new bool[25]);
        env.Reset(1, seen);
        env.WriteActionMask(mask);
        env.Step([Array.IndexOf(mask, true)], seen);
        // The mask was the first square's, and nobody asked for this one's: the env judges the action itself.
        Assert.True(env.Step([Array.IndexOf(seen, 1f)], seen).Terminated);
    }

    [Fact]
    public void Spaces_know_what_a_mask_leaves()
    {
        Space[] spaces = [new Discrete(3), new MultiDiscrete([2, 3]), new Box(-1, 1, 2)];
        Assert.Equal([3, 5, 0], spaces.Select(space => space.MaskSize));
        Assert.True(spaces[0].IsLeftSomething([false, false, true]));
        Assert.True(spaces[0].IsAllowed([false, false, true], [2]));
        Assert.False(spaces[0].IsAllowed([false, false, true], [1]));
        Assert.True(spaces[1].IsLeftSomething([false, true, true, false, false]));
        Assert.False(spaces[1].IsLeftSomething([false, false, true, true, true]));
        Assert.True(spaces[1].IsAllowed([false, true, true, false, false], [1, 0]));
        Assert.False(spaces[1].IsAllowed([false, true, true, false, false], [1, 1]));
        Assert.False(spaces[1].IsAllowed([false, true, true, false, false], [0, 0]));
    }

    private static ValidatedEnv Guarded(Space actions, bool[] mask)
    {
        var env = new ValidatedEnv(new MaskedStub(actions, mask), "Stub");
        env.Reset(1, new float[1]);
        return env;
    }

    /// <summary>An env whose mask is always this.</summary>
    private sealed class MaskedStub(Space actions, bool[] mask) : IEnv
    {
        public Space ObservationSpace { get; } = new Discrete(2);

        public Space ActionSpace => actions;

        public bool HasActionMask => true;

        public void WriteActionMask(Span<bool> allowed)
        {
            for (var i = 0; i < mask.Length; i++)
                allowed[i] = mask[i];
        }

        public void Reset(ulong? seed, Span<float> observation) => observation.Clear();

        public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            observation.Clear();
            return default;
        }
    }
}
