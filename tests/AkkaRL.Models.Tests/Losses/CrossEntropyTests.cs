using AkkaRL.Models.Losses;
using AkkaRL.Models.Randomness;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Losses;

public sealed class CrossEntropyTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(51, 0.3f)]
    public void The_gradient_is_that_of_automatic_differentiation(int atoms, float weight)
    {
        var random = new RandomStream((ulong)atoms);
        var target = new float[atoms];
        target[0] = 0.4f;
        target[atoms - 1] = 0.6f;
        float[] logits = [.. Enumerable.Range(0, atoms).Select(_ => (float)(3 * random.NextNormal()))];
        var gradient = new float[atoms];

        var divergence = CrossEntropy.Differentiate(target, logits, weight, gradient);

        using var scope = NewDisposeScope();
        var leaf = tensor(logits, requires_grad: true);
        var loss = (tensor(target) * ((tensor(target) + 1e-30).log() - leaf.log_softmax(0))).sum();
        (weight * loss).backward();
        Assert.Equal(loss.item<float>(), divergence, 1e-5f);
        Assert.All(leaf.grad!.data<float>().ToArray().Zip(gradient), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void A_distribution_that_is_already_right_has_nothing_to_learn()
    {
        var gradient = new float[3];
        Assert.Equal(0, CrossEntropy.Differentiate([0.25f, 0.5f, 0.25f], [5, 5 + MathF.Log(2), 5], 1, gradient), 1e-6f);
        Assert.All(gradient, slope => Assert.Equal(0, slope, 1e-6f));
    }

    [Fact]
    public void Logits_far_apart_stay_finite()
    {
        var gradient = new float[2];
        Assert.Equal(2000, CrossEntropy.Differentiate([0, 1], [1000, -1000], 1, gradient), 1e-3f);
        Assert.Equal([1f, -1f], gradient);
    }

    [Fact]
    public void A_logit_that_is_no_number_is_not_hidden() =>
        Assert.True(float.IsNaN(CrossEntropy.Differentiate([0.5f, 0.5f], [0, float.NaN], 1, new float[2])));
}
