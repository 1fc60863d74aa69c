using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Distributions;

/// <summary>Log-probability, entropy and their gradients as automatic differentiation has them, in double precision.</summary>
internal static class TorchOracle
{
    public static (double LogProbability, double Entropy, double[] Gradient) Categorical(
        float[] logits, int action, double logProbabilityWeight, double entropyWeight) =>
        Differentiate(logits, logProbabilityWeight, entropyWeight, l =>
        {
            var logPi = l.log_softmax(0);
            return (logPi[action], -(logPi.exp() * logPi).sum());
        });

    public static (double LogProbability, double Entropy, double[] Gradient) MultiCategorical(
        float[] logits, int[] counts, float[] action, double logProbabilityWeight, double entropyWeight) =>
        Differentiate(logits, logProbabilityWeight, entropyWeight, l =>
        {
            var components = l.split([.. counts.Select(count => (long)count)]);
            var logPis = components.Select(component => component.log_softmax(0)).ToArray();
            return (
                stack(logPis.Zip(action, (logPi, index) => logPi[(int)index])).sum(),
                stack(logPis.Select(logPi => -(logPi.exp() * logPi).sum())).sum());
        });

    public static (double LogProbability, double Entropy, double[] Gradient) DiagonalGaussian(
        float[] parameters, float[] action, double logProbabilityWeight, double entropyWeight) =>
        Differentiate(parameters, logProbabilityWeight, entropyWeight, p =>
        {
            var mean = p.narrow(0, 0, action.Length);
            var logSigma = p.narrow(0, action.Length, action.Length).clamp(-10, 2);
            var z = (tensor(action).to(float64) - mean) / logSigma.exp();
            var halfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);
            return ((-0.5 * z * z - logSigma - halfLogTwoPi).sum(), (logSigma + halfLogTwoPi + 0.5).sum());
        });

    private static (double, double, double[]) Differentiate(
        float[] parameters, double logProbabilityWeight, double entropyWeight, Func<Tensor, (Tensor, Tensor)> distribution)
    {
        using var scope = NewDisposeScope();
        var p = tensor(parameters).to(float64).requires_grad_();
        var (logProbability, entropy) = distribution(p);
        (logProbabilityWeight * logProbability + entropyWeight * entropy).backward();
        return (logProbability.item<double>(), entropy.item<double>(), p.grad!.data<double>().ToArray());
    }
}
