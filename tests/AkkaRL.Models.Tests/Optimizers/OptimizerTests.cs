using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;

namespace AkkaRL.Models.Tests.Optimizers;

public class OptimizerTests
{
    private const float LearningRate = 1e-2f;
    private const int Updates = 20;

    /// <summary>Lengths around the vector width: the tail must follow the same rule.</summary>
    public static TheoryData<int> Lengths => [1, 15, 16, 17, 1000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Adam_equals_torch(int length) =>
        AssertEqualsTorch(length, new Adam(length, 1e-5f), p => torch.optim.Adam([p], LearningRate, eps: 1e-5));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sgd_with_momentum_equals_torch(int length) =>
        AssertEqualsTorch(length, new SgdMomentum(length, 0.9f), p => torch.optim.SGD([p], LearningRate, momentum: 0.9));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sgd_without_momentum_equals_torch_and_keeps_no_moments(int length)
    {
        var optimizer = new SgdMomentum(length, 0);
        AssertEqualsTorch(length, optimizer, p => torch.optim.SGD([p], LearningRate));
        Assert.True(optimizer.Moments.IsEmpty);
    }

    /// <summary>With an epsilon too small to see, inside and outside the root are the same.</summary>
    [Theory]
    [MemberData(nameof(Lengths))]
    public void RMSProp_with_a_vanishing_epsilon_equals_torch(int length) =>
        AssertEqualsTorch(length, new RMSProp(length, 0.99f, 1e-20f, 0), p => torch.optim.RMSProp([p], LearningRate, alpha: 0.99, eps: 1e-20));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void RMSProp_equals_the_papers_formula(float initialMeanSquare)
    {
        foreach (var length in (int[])[1, 15, 16, 17, 1000])
        {
            const double Alpha = 0.99f, Epsilon = 0.1f;
            var optimizer = new RMSProp(length, 0.99f, 0.1f, initialMeanSquare);
            var (parameters, gradients) = Trial(length);
            double[] theta = [.. parameters.Select(x => (double)x)], g = [.. parameters.Select(_ => (double)initialMeanSquare)];
            foreach (var gradient in gradients)
            {
                optimizer.Update(parameters, gradient, LearningRate);
                for (var i = 0; i < length; i++)
                {
                    g[i] = Alpha * g[i] + (1 - Alpha) * gradient[i] * gradient[i];
                    theta[i] -= LearningRate * gradient[i] / Math.Sqrt(g[i] + Epsilon);
                }
            }
            AssertClose(theta, parameters);
            AssertClose(g, optimizer.Moments);
        }
    }

    public static TheoryData<string> Names => ["RMSProp", "Adam", "SgdMomentum"];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_optimizer_restored_from_its_moments_goes_on_bit_for_bit(string name)
    {
        var (parameters, gradients) = Trial(100);
        var original = Create(name, 100);
        foreach (var gradient in gradients)
            original.Update(parameters, gradient, LearningRate);
        var resumed = (float[])parameters.Clone();
        var restored = Create(name, 100);
        original.Moments.CopyTo(restored.Moments);
        restored.Updates = original.Updates;

        foreach (var gradient in gradients)
        {
            original.Update(parameters, gradient, LearningRate);
            restored.Update(resumed, gradient, LearningRate);
        }

        Assert.Equal(parameters, resumed);
        Assert.Equal(2 * Updates, restored.Updates);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_update_in_pieces_is_the_same_bit_for_bit(string name)
    {
        var (parameters, gradients) = Trial(1000);
        var (whole, pieces) = (Create(name, 1000), Create(name, 1000));
        var inPieces = (float[])parameters.Clone();
        foreach (var gradient in gradients)
        {
            whole.Update(parameters, gradient, LearningRate);
            foreach (var (start, end) in ((int, int)[])[(500, 1000), (0, 17), (17, 500)])
                pieces.UpdatePiece(inPieces.AsSpan(start..end), gradient.AsSpan(start..end), start, LearningRate);
            pieces.Updates++;
        }

        Assert.Equal(parameters, inPieces);
        Assert.Equal(whole.Moments, pieces.Moments);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_parameter_moves_against_its_gradient(string name)
    {
        var parameters = new float[2];
        Create(name, 2).Update(parameters, [1, -1], LearningRate);
        Assert.True(parameters[0] < 0 && parameters[1] > 0);
    }

    /// <summary>Rather than at denormal floats, which a product with 0.9 does not leave again and the processor is slow at.</summary>
    [Fact]
    public void Adams_moments_end_at_zero_when_gradients_stay_zero()
    {
        var (parameters, gradients) = Trial(17);
        var optimizer = Create("Adam", 17);
        optimizer.Update(parameters, gradients[0], LearningRate);
        var zero = new float[17];

        for (var update = 0; update < 100_000; update++)
        {
            optimizer.Update(parameters, zero, LearningRate);
            foreach (var moment in optimizer.Moments)
                Assert.True(moment == 0 || float.IsNormal(moment));
        }

        Assert.Equal(new float[2 * 17], optimizer.Moments);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_that_is_not_a_number_shows_in_its_parameter_alone(string name)
    {
        var parameters = new float[17];
        Create(name, 17).Update(parameters, [.. Enumerable.Range(0, 17).Select(i => i == 3 ? float.NaN : 1)], LearningRate);
        for (var i = 0; i < parameters.Length; i++)
            Assert.Equal(i == 3, float.IsNaN(parameters[i]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Vectors_of_the_wrong_length_are_refused(string name)
    {
        var optimizer = Create(name, 10);
        Assert.Throws<ArgumentException>(() => optimizer.Update(new float[10], new float[9], LearningRate));
        Assert.Throws<ArgumentException>(() => optimizer.Update(new float[11], new float[11], LearningRate));
        Assert.Equal(0, optimizer.Updates);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_update_allocates_nothing(string name)
    {
        var (parameters, gradients) = Trial(100);
        var optimizer = Create(name, 100);
        optimizer.Update(parameters, gradients[0], LearningRate);
        Assert.Equal(0, Allocations.Of(() =>
        {
            foreach (var gradient in gradients)
                optimizer.Update(parameters, gradient, LearningRate);
        }));
    }

    /// <summary>What one thread wrote, another asks for ahead: past the ends too, which must not matter.</summary>
    [Theory]
    [MemberData(nameof(Lengths))]
    public void RMSProp_does_the_same_bit_for_bit_when_threads_take_turns(int length)
    {
        var (alone, inTurn) = (Create("RMSProp", length), Create("RMSProp", length));
        var (parameters, gradients) = Trial(length);
        var others = parameters.ToArray();
        foreach (var gradient in gradients)
        {
            alone.Update(parameters, gradient, LearningRate);
            var thread = new Thread(() => inTurn.Update(others, gradient, LearningRate));
            thread.Start();
            thread.Join();
        }
        Assert.Equal(parameters, others);
        Assert.Equal(alone.Moments.ToArray(), inTurn.Moments.ToArray());
    }

    [Fact]
    public void Settings_outside_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RMSProp(1, 1, 0.1f, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RMSProp(1, 0.99f, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RMSProp(1, 0.99f, 0.1f, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(1, float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(1, 1e-5f, beta2: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SgdMomentum(1, -0.1f));
    }

    private static IOptimizer Create(string name, int length) => name switch
    {
        "RMSProp" => new RMSProp(length, 0.99f, 0.1f, 0),
        "Adam" => new Adam(length, 1e-5f),
        _ => new SgdMomentum(length, 0.9f),
    };

    private static void AssertEqualsTorch(int length, IOptimizer optimizer, Func<Parameter, torch.optim.Optimizer> create)
    {
        var (parameters, gradients) = Trial(length);
        using var scope = torch.NewDisposeScope();
        var parameter = new Parameter(torch.tensor(parameters));
        using var oracle = create(parameter);
        foreach (var gradient in gradients)
        {
            optimizer.Update(parameters, gradient, LearningRate);
            parameter.grad = torch.tensor(gradient);
            oracle.step();
        }
        AssertClose([.. parameter.data<float>().Select(x => (double)x)], parameters);
        Assert.Equal(Updates, optimizer.Updates);
    }

    private static (float[] Parameters, float[][] Gradients) Trial(int length)
    {
        var random = new RandomStream(11);
        return (Normal(), [.. Enumerable.Range(0, Updates).Select(_ => Normal())]);

        float[] Normal() => [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal())];
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 2e-6 * Math.Max(1, Math.Abs(expected[i])));
    }
}
