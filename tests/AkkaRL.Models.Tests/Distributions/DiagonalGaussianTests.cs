using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Distributions;

public class DiagonalGaussianTests
{
    [Fact]
    public void Log_density_and_entropy_equal_the_definition()
    {
        var distribution = new DiagonalGaussian(2);
        float[] parameters = [1, -2, -0.5f, 0.7f], action = [1.5f, 0];
        double[] sigma = [Math.Exp(-0.5), Math.Exp(0.7)];
        var density = 1.0;
        for (var i = 0; i < 2; i++)
            density *= Math.Exp(-Math.Pow(action[i] - parameters[i], 2) / (2 * sigma[i] * sigma[i])) / (sigma[i] * Math.Sqrt(2 * Math.PI));
        Assert.Equal(Math.Log(density), distribution.LogProbability(parameters, action), 1e-5);
        Assert.Equal(sigma.Sum(s => 0.5 * Math.Log(2 * Math.PI * Math.E * s * s)), distribution.Entropy(parameters), 1e-5);
    }

    [Fact]
    public void Samples_have_the_mean_and_deviation_asked_for()
    {
        const int Draws = 100_000;
        var distribution = new DiagonalGaussian(1);
        float[] parameters = [3, -1], action = new float[1];
        var sigma = Math.Exp(-1);
        var random = new RandomStream(11);
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < Draws; i++)
        {
            distribution.Sample(parameters, random, action);
            sum += action[0] - 3;
            squares += Math.Pow(action[0] - 3, 2);
        }
        Assert.Equal(0, sum / Draws, 4 * sigma / Math.Sqrt(Draws));
        Assert.Equal(sigma, Math.Sqrt(squares / Draws), 4 * sigma / Math.Sqrt(2 * Draws));
    }

    [Theory]
    [InlineData(-20f, -10f)]
    [InlineData(5f, 2f)]
    public void A_log_deviation_outside_its_range_counts_as_the_nearer_end_and_has_no_gradient(float outside, float end)
    {
        var distribution = new DiagonalGaussian(1);
        float[] gradient = new float[2], action = [0.5f];
        Assert.Equal(distribution.LogProbability([0, end], action), distribution.LogProbability([0, outside], action));
        Assert.Equal(distribution.Entropy([0, end]), distribution.Gradient([0, outside], action, 1, 1, gradient));
        Assert.Equal(0, gradient[1]);
        distribution.Gradient([0, end], action, 1, 1, gradient);
        Assert.NotEqual(0, gradient[1]);
    }
}
