namespace AkkaRL.Actors.Tests.Kit;

/// <summary>What a call of a <see cref="FaultyEnvs"/> env does wrong.</summary>
public enum Fault
{
    None,
    Throw,
    WriteNaN,
    WriteInfinity,
    WriteTooLittle,
    WriteTooMuch,
    RewardNaN,

    /// <summary>Finite, but not as a float: the gradient is poisoned.</summary>
    RewardHuge,

    /// <summary>Until <see cref="FaultyEnvs.Release"/>; then as if nothing had been.</summary>
    Hang,
}

/// <summary>One call of an env.</summary>
/// <param name="Env">Which env, counted from 1 in the order of their making; the first is made to look at its spaces and never stepped.</param>
/// <param name="Number">Which call of its kind on this env, counted from 1.</param>
/// <param name="Total">Which call of its kind over all envs, counted from 1.</param>
public readonly record struct EnvCall(int Env, int Number, int Total);
