using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

/// <summary>Frame stacking and one-hot encoding.</summary>
public class ObservationShapeTests
{
    [Fact]
    public void A_stack_begins_with_copies_of_the_first_frame_and_keeps_the_oldest_first()
    {
        using var env = new FrameStack(new StubEnv([[1, 2], [3, 4], [5, 6]]), 3);
        var observation = new float[6];
        env.Reset(1, observation);
        Assert.Equal([1, 2, 1, 2, 1, 2], observation);
        env.Step([0], observation);
        Assert.Equal([1, 2, 1, 2, 3, 4], observation);
        env.Step([0], observation);
        Assert.Equal([1, 2, 3, 4, 5, 6], observation);
    }

    [Fact]
    public void A_reset_empties_the_stack()
    {
        using var env = new FrameStack(new StubEnv([[1], [2], [3]]), 2);
        var observation = new float[2];
        env.Reset(1, observation);
        env.Step([0], observation);
        env.Reset(null, observation);
        Assert.Equal([3, 3], observation);
    }

    [Fact]
    public void A_restored_stack_goes_on_as_the_captured_one()
    {
        static FrameStack Make() => new(new StubEnv([[1], [2], [3]]), 2);
        using var env = Make();
        using var restored = Make();
        var observation = new float[2];
        env.Reset(1, observation);
        env.Step([0], observation);
        restored.RestoreState(Captured.By(env.CaptureState));
        restored.Step([0], observation);
        Assert.Equal([2, 3], observation);
    }

    [Fact]
    public void A_discrete_observation_becomes_a_one_at_its_index()
    {
        using var env = new OneHotObservation(new StubEnv([[2], [0]], space: new Discrete(3)));
        var observation = new float[3];
        env.Reset(1, observation);
        Assert.Equal([0, 0, 1], observation);
        env.Step([0], observation);
        Assert.Equal([1, 0, 0], observation);
        Assert.Equal(new Box(0, 1, 3), env.ObservationSpace);
    }

    [Fact]
    public void A_wrapper_refuses_observations_of_the_wrong_kind()
    {
        Assert.Throws<ArgumentException>(() => new OneHotObservation(new StubEnv([[0]])));
        Assert.Throws<ArgumentException>(() => new FrameStack(new StubEnv([[0]], space: new Discrete(3)), 2));
    }

    [Fact]
    public void Several_indices_become_vectors_side_by_side()
    {
        using var env = new OneHotObservation(new StubEnv([[1, 0], [0, 2]], space: new MultiDiscrete([2, 3])));
        var observation = new float[5];
        env.Reset(1, observation);
        Assert.Equal([0, 1, 1, 0, 0], observation);
        env.Step([0], observation);
        Assert.Equal([1, 0, 0, 0, 1], observation);
        Assert.Equal(new Box(0, 1, 5), env.ObservationSpace);
    }
}
