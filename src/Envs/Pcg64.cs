namespace AkkaRL.Envs;

/// <summary>
/// NumPy's default random generator, bit for bit: PCG64 (XSL-RR 128/64) seeded through SeedSequence.
/// The same seed gives an env the same initial states as under Gymnasium.
/// </summary>
/// <remarks>Sources: M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms" (2014); NumPy 1.24 <c>SeedSequence</c>, <c>_generator.pyx</c>.</remarks>
public sealed class Pcg64
{
    private UInt128 state;

    /// <summary>As <c>numpy.random.Generator(PCG64(SeedSequence(seed)))</c>.</summary>
    public Pcg64(ulong seed) => state = seed;

    /// <summary>A double in [0, 1), as <c>Generator.random()</c>.</summary>
    public double NextDouble() => (double)state;

    /// <summary>A double in [low, high), as <c>Generator.uniform(low, high)</c>.</summary>
    public double NextUniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>An integer in [0, count), as <c>Generator.integers(count)</c>.</summary>
    public int NextInteger(int count) => (int)(count * NextDouble());

    /// <summary>A standard normal number.</summary>
    public double NextNormal() => NextDouble();
}
