using CsCheck;

namespace AkkaRL.Envs.Tests;

/// <summary>Our generator against numbers printed by NumPy.</summary>
public class Pcg64Tests
{
    [Fact]
    public void Raw_bits_are_NumPys()
    {
        // PCG64(0xdeadbeaf).random_raw(4)
        var random = new Pcg64(0xdeadbeaf);
        ulong[] expected = [0x60d24054e17a0698, 0xd5e79d89856e4f12, 0xd254972fe64bd782, 0xf1e3072a53c72571];
        Assert.All(expected, bits => Assert.Equal(bits, random.NextBits()));
    }

    [Theory]
    [InlineData(0, 0.6369616873214543)]
    [InlineData(42, 0.7739560485559633)]
    public void Doubles_are_NumPys(ulong seed, double first) => Assert.Equal(first, new Pcg64(seed).NextDouble());

    [Fact]
    public void A_seed_of_more_than_32_bits_uses_all_of_them() =>
        Assert.NotEqual(new Pcg64(7).NextBits(), new Pcg64(7 + (1UL << 32)).NextBits());

    [Theory]
    [InlineData(0, new[] { 8, 6, 5, 2, 3, 0, 0, 0, 1, 8 })]
    [InlineData(42, new[] { 0, 7, 6, 4, 4, 8, 0, 6, 2, 0 })]
    public void Integers_are_NumPys(ulong seed, int[] expected)
    {
        var random = new Pcg64(seed);
        Assert.Equal(expected, expected.Select(_ => random.NextInteger(10)));
    }

    [Theory]
    [InlineData(0, new[] { 0.12573022, -0.13210486, 0.64042265, 0.10490012, -0.53566937, 0.36159505, 1.30400005, 0.94708096, -0.70373524, -1.26542147 })]
    [InlineData(42, new[] { 0.30471708, -1.03998411, 0.7504512, 0.94056472, -1.95103519 })]
    public void Normal_numbers_are_NumPys(ulong seed, double[] expected)
    {
        var random = new Pcg64(seed);
        Assert.All(expected, value => Assert.Equal(value, random.NextNormal(), 8));
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_the_tail_of_a_normal_distribution()
    {
        var random = new Pcg64(1);
        var draws = Enumerable.Range(0, 2_000_000).Select(_ => random.NextNormal()).ToArray();
        Assert.Equal(0, draws.Average(), 0.003);
        Assert.Equal(1, draws.Average(x => x * x), 0.005);
        Assert.Equal(3, draws.Average(x => x * x * x * x), 0.04);
        Assert.InRange(draws.Count(x => Math.Abs(x) > 3.6541528853610088), 430, 602); // 516 expected beyond the tail's start
    }

    [Fact]
    public void A_restored_generator_goes_on_as_the_captured_one() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 20]).Sample((seed, draws) =>
        {
            var random = new Pcg64(seed);
            for (var i = 0; i < draws; i++)
                random.NextInteger(1000); // an odd number of draws leaves half a word behind

            var restored = new Pcg64(0);
            restored.Restore(Captured.By(random.Capture));

            Assert.Equal(Draws(random), Draws(restored));
        });

    [Fact]
    public void Integers_are_below_their_count() =>
        Gen.Select(Gen.ULong, Gen.Int[1, int.MaxValue]).Sample((seed, count) => Assert.InRange(new Pcg64(seed).NextInteger(count), 0, count - 1));

    [Fact]
    public void A_choice_among_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Pcg64(0).NextInteger(0));

    private static (int, int, double, double) Draws(Pcg64 random) =>
        (random.NextInteger(1000), random.NextInteger(1000), random.NextDouble(), random.NextNormal());
}
