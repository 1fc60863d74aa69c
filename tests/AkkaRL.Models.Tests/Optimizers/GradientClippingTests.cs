using AkkaRL.Models.Optimizers;

namespace AkkaRL.Models.Tests.Optimizers;

public class GradientClippingTests
{
    [Fact]
    public void A_long_gradient_is_shortened_and_keeps_its_direction()
    {
        float[] gradient = [3, -4];
        Assert.Equal(5, GradientClipping.ClipByGlobalNorm(gradient, 0.5f), 1e-6);
        Assert.Equal(0.3, gradient[0], 1e-6);
        Assert.Equal(-0.4, gradient[1], 1e-6);
    }

    [Fact]
    public void A_short_gradient_is_left_alone()
    {
        float[] gradient = [3, -4];
        Assert.Equal(5, GradientClipping.ClipByGlobalNorm(gradient, 5), 1e-6);
        Assert.Equal([3, -4], gradient);
        Assert.Equal(0, GradientClipping.ClipByGlobalNorm(new float[20], 1));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_gradient_that_is_not_finite_is_reported_and_left_alone(float poison)
    {
        for (var place = 0; place < 40; place++)
        {
            var gradient = Enumerable.Repeat(100f, 40).ToArray();
            gradient[place] = poison;
            var before = (float[])gradient.Clone();
            Assert.False(float.IsFinite(GradientClipping.ClipByGlobalNorm(gradient, 1)));
            Assert.Equal(before, gradient);
        }
    }

    [Fact]
    public void Squares_that_overflow_a_float_do_not_make_a_finite_gradient_infinite()
    {
        float[] gradient = [3e25f, -4e25f];
        Assert.Equal(5e25, GradientClipping.ClipByGlobalNorm(gradient, 1), 1e19);
        Assert.Equal(0.6, gradient[0], 1e-6);
        Assert.Equal(-0.8, gradient[1], 1e-6);
    }

    [Fact]
    public void Infinity_as_maximum_measures_and_zero_is_refused()
    {
        float[] gradient = [3e3f, 4e3f];
        Assert.Equal(5e3, GradientClipping.ClipByGlobalNorm(gradient, float.PositiveInfinity), 1e-3);
        Assert.Equal([3e3f, 4e3f], gradient);
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ClipByGlobalNorm(gradient, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ClipByGlobalNorm(gradient, float.NaN));
    }
}
