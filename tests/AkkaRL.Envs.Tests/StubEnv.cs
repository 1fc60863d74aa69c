namespace AkkaRL.Envs.Tests;

/// <summary>An env that a test tells what to do: observes and rewards from lists, ends after a number of steps.</summary>
internal sealed class StubEnv(float[][] observations, double[]? rewards = null, int? terminatesAfter = null, Space? space = null) : IEnv
{
    private int call;
    private int steps;

    public Space ObservationSpace { get; } = space ?? new Box(float.NegativeInfinity, float.PositiveInfinity, observations[0].Length);

    public Space ActionSpace { get; } = new Discrete(2);

    public void Reset(ulong? seed, Span<float> observation)
    {
        steps = 0;
        Observe(observation);
    }

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        Observe(observation);
        var reward = rewards?[(call - 1) % rewards.Length] ?? 0;
        return new StepResult(reward, ++steps >= terminatesAfter, Truncated: false);
    }

    public bool CanCaptureState => true;

    public void CaptureState(BinaryWriter writer)
    {
        writer.Write(call);
        writer.Write(steps);
    }

    public void RestoreState(BinaryReader reader) => (call, steps) = (reader.ReadInt32(), reader.ReadInt32());

    private void Observe(Span<float> observation) => observations[call++ % observations.Length].CopyTo(observation);
}
