namespace AkkaRL.Envs;

/// <summary>
/// NumPy's SeedSequence for one integer: spreads a seed's bits over a pool of four 32-bit words, and the pool over as many words as a
/// generator wants.
/// </summary>
/// <remarks>Sources: M. O'Neill, "Developing a seed_seq Alternative" (2015); NumPy 1.24 <c>bit_generator.pyx</c>, whose constants these
/// are.</remarks>
internal static class SeedSequence
{
    private const int PoolSize = 4;

    /// <summary>As <c>SeedSequence(seed).generate_state(words.Length, uint64)</c>.</summary>
    public static void Fill(ulong seed, Span<ulong> words)
    {
        Span<uint> pool = stackalloc uint[PoolSize];
        MixEntropy(seed, pool);
        var hash = new Hash(0x8b51f9dd, 0x58f38ded);
        for (var i = 0; i < words.Length; i++)
        {
            var low = hash.Next(pool[2 * i % PoolSize]);
            var high = hash.Next(pool[(2 * i + 1) % PoolSize]);
            words[i] = (ulong)high << 32 | low;
        }
    }

    // A seed below 2^32 is one word of entropy, not two; missing words hash as zero, so both come to the same.
    private static void MixEntropy(ulong seed, Span<uint> pool)
    {
        var hash = new Hash(0x43b0d7e5, 0x931e8875);
        pool[0] = hash.Next((uint)seed);
        pool[1] = hash.Next((uint)(seed >> 32));
        pool[2] = hash.Next(0);
        pool[3] = hash.Next(0);
        for (var source = 0; source < PoolSize; source++)
            for (var target = 0; target < PoolSize; target++)
                if (source != target)
                    pool[target] = Mix(pool[target], hash.Next(pool[source]));
    }

    private static uint Mix(uint x, uint y)
    {
        var mixed = 0xca01f9dd * x - 0x4973f715 * y;
        return mixed ^ mixed >> 16;
    }

    // The hash changes its constant with every word that passes through it.
    private ref struct Hash(uint constant, uint multiplier)
    {
        public uint Next(uint value)
        {
            value ^= constant;
            constant *= multiplier;
            value *= constant;
            return value ^ value >> 16;
        }
    }
}
