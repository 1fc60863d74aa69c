using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Optimizers;

public class GradientStepTests
{
    private const int Count = 20_003;

    public static TheoryData<double, int> Cases => new() { { 0, 1 }, { 0, 2 }, { 0.5, 1 }, { 0.5, 2 }, { 0.5, 4 }, { 1e6, 2 } };

    /// <summary>The oracle is the plain way: clip the whole, then update the whole.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_in_pieces_clips_and_updates_as_in_one(double maximumNorm, int threads)
    {
        var step = new GradientStep(ParameterPieces.Even(Count, new Crew(threads)));
        var (optimizer, plain) = (new Adam(Count, 1e-5f), new Adam(Count, 1e-5f));
        var parameters = Normal(1);
        var expected = (float[])parameters.Clone();
        for (var update = 0; update < 5; update++)
        {
            var gradient = Normal(2 + update);
            var whole = (float[])gradient.Clone();
            var norm = GradientClipping.ClipByGlobalNorm(whole, maximumNorm > 0 ? (float)maximumNorm : float.PositiveInfinity);
            plain.Update(expected, whole, 1e-2f);

            Assert.Equal(norm, step.Apply(optimizer, parameters, gradient, maximumNorm, 1e-2f), norm * 1e-5);
            Assert.Equal(update + 1, optimizer.Updates);
            for (var i = 0; i < Count; i++)
            {
                Assert.Equal(whole[i], gradient[i], 1e-5);
                Assert.Equal(expected[i], parameters[i], 1e-5);
            }
        }
    }

    [Fact]
    public void Whoever_does_which_piece_the_result_is_the_same_to_the_bit()
    {
        var (alone, helped) = (Trained(1), Trained(4));
        Assert.Equal(alone, helped);

        static float[] Trained(int threads)
        {
            var step = new GradientStep(ParameterPieces.Even(Count, new Crew(threads)));
            var (optimizer, parameters) = (new Adam(Count, 1e-5f), Normal(1));
            for (var update = 0; update < 200; update++)
                step.Apply(optimizer, parameters, Normal(update), 0.5, 1e-3f);
            return parameters;
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_changes_nothing(float poison)
    {
        var step = new GradientStep(ParameterPieces.Even(Count, new Crew(2)));
        var (optimizer, parameters) = (new Adam(Count, 1e-5f), Normal(1));
        foreach (var place in (int[])[0, Count / 2, Count - 1])
        {
            var gradient = Normal(2);
            gradient[place] = poison;
            Assert.False(float.IsFinite(step.Apply(optimizer, parameters, gradient, 0.5, 1e-2f)));
        }
        Assert.Equal(Normal(1), parameters);
        Assert.Equal(0, optimizer.Updates);
        Assert.Equal(new float[2 * Count], optimizer.Moments);
    }

    /// <summary>Its squares are beyond a float.</summary>
    [Fact]
    public void A_huge_gradient_is_clipped_like_any_other()
    {
        var step = new GradientStep(ParameterPieces.Whole(2));
        float[] gradient = [3e30f, -4e30f];
        Assert.Equal(5e30f, step.Apply(new SgdMomentum(2, 0), new float[2], gradient, 0.5, 1), 1e25f);
        Assert.Equal(0.3, gradient[0], 1e-6);
        Assert.Equal(-0.4, gradient[1], 1e-6);
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        var step = new GradientStep(ParameterPieces.Even(Count, new Crew(2)));
        var (optimizer, parameters, gradient) = (new Adam(Count, 1e-5f), Normal(1), Normal(2));
        step.Apply(optimizer, parameters, gradient, 0.5, 1e-2f);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var update = 0; update < 100; update++)
                step.Apply(optimizer, parameters, gradient, 0.5, 1e-2f);
        }));
    }

    private static float[] Normal(int seed)
    {
        var random = new RandomStream((ulong)seed);
        return [.. Enumerable.Range(0, Count).Select(_ => (float)random.NextNormal())];
    }
}
