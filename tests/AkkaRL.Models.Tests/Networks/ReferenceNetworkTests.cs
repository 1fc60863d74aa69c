using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>The yardstick is itself measured: against finite differences, which know no back-propagation.</summary>
public class ReferenceNetworkTests
{
    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.ReLU)]
    [InlineData(Activation.ELU)]
    [InlineData(Activation.SiLU)]
    public void Gradients_equal_finite_differences(Activation activation)
    {
        const int Rows = 3;
        const double Step = 1e-6;
        var spec = NetworkSpec.ActorCritic(3, 2, 2, [5, 4], activation, sharedTrunk: false);
        var random = new RandomStream(3);
        double[] parameters = [.. Enumerable.Range(0, new ParameterLayout(spec).Count).Select(_ => random.NextNormal())];
        float[] observations = [.. Enumerable.Range(0, Rows * spec.Inputs).Select(_ => (float)random.NextNormal())];
        float[] weights = [.. Enumerable.Range(0, Rows * spec.Outputs).Select(_ => (float)random.NextNormal())];

        var (gradients, _) = new ReferenceNetwork(spec, parameters).Backward(observations, weights);

        for (var i = 0; i < parameters.Length; i++)
            Assert.Equal((Loss(i, Step) - Loss(i, -Step)) / (2 * Step), gradients[i], 1e-6);

        double Loss(int moved, double by)
        {
            var elsewhere = (double[])parameters.Clone();
            elsewhere[moved] += by;
            return new ReferenceNetwork(spec, elsewhere).Forward(observations).Zip(weights, (y, w) => y * w).Sum();
        }
    }
}
