using AkkaRL.Envs;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Makes envs that fail when a test says so, and counts. Episodes are short, every reward is 1. Disposing releases all that hang.</summary>
internal sealed class FaultyEnvs : IDisposable
{
    public const string Id = "Faulty-v0";

    private readonly ManualResetEventSlim released = new();
    private int made, disposed, steps, resets, faults;

    public Func<EnvCall, Fault> OnMake { get; init; } = _ => Fault.None;

    public Func<EnvCall, Fault> OnReset { get; init; } = _ => Fault.None;

    public Func<EnvCall, Fault> OnStep { get; init; } = _ => Fault.None;

    /// <summary>Is told which env is disposed of.</summary>
    public Action<int> OnDispose { get; init; } = _ => { };

    public int EpisodeSteps { get; init; } = 7;

    public Space ActionSpace { get; init; } = new Discrete(2);

    public double? SolvedAt { get; init; }

    public EnvSpec Spec => new(Id, "Fails when a test says so.", Make, SolvedAt: SolvedAt);

    public int Made => Volatile.Read(ref made);

    public int Disposed => Volatile.Read(ref disposed);

    /// <summary>Faults committed so far.</summary>
    public int Faults => Volatile.Read(ref faults);

    public void Release() => released.Set();

    // The event itself is left to the garbage collector: an env may still be waiting on it.
    public void Dispose() => released.Set();

    private Env Make()
    {
        var number = Interlocked.Increment(ref made);
        Commit(OnMake(new EnvCall(number, 1, number)));
        return new Env(this, number);
    }

    private Fault Commit(Fault fault)
    {
        if (fault != Fault.None)
            Interlocked.Increment(ref faults);
        if (fault == Fault.Throw)
            throw new InvalidOperationException("the simulator broke");
        if (fault == Fault.Hang)
            released.Wait();
        return fault;
    }

    private sealed class Env(FaultyEnvs kit, int number) : IEnv
    {
        private Pcg64 random = new(0);
        private int stepCalls, resetCalls, episodeSteps;

        public Space ObservationSpace { get; } = new Box(-1, 1, 2);

        public Space ActionSpace => kit.ActionSpace;

        public void Reset(ulong? seed, Span<float> observation)
        {
            if (seed is { } value)
                random = new Pcg64(value);
            episodeSteps = 0;
            Observe(observation, kit.Commit(kit.OnReset(new EnvCall(number, ++resetCalls, Interlocked.Increment(ref kit.resets)))));
        }

        public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            var fault = kit.Commit(kit.OnStep(new EnvCall(number, ++stepCalls, Interlocked.Increment(ref kit.steps))));
            Observe(observation, fault);
            var reward = fault switch { Fault.RewardNaN => double.NaN, Fault.RewardHuge => 3e38, _ => 1 };
            return new StepResult(reward, Terminated: ++episodeSteps >= kit.EpisodeSteps, Truncated: false);
        }

        public void Dispose()
        {
            Interlocked.Increment(ref kit.disposed);
            kit.OnDispose(number);
        }

        private void Observe(Span<float> observation, Fault fault)
        {
            var length = fault switch { Fault.WriteTooLittle => 1, Fault.WriteTooMuch => 3, _ => 2 };
            for (var i = 0; i < length; i++)
                observation[i] = fault switch
                {
                    Fault.WriteNaN => float.NaN,
                    Fault.WriteInfinity => float.PositiveInfinity,
                    _ => (float)random.NextUniform(-1, 1),
                };
        }
    }
}
