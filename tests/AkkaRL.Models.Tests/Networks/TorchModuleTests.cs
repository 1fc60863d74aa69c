using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>Modules of a user's own as networks.</summary>
public class TorchModuleTests
{
    private const int Batch = 4;

    private static readonly NetworkSpec Spec = NetworkSpec.ActorCritic(3, 2, 2, [], Activation.Tanh, sharedTrunk: true, initialConstant: -0.5f);

    [Fact]
    public void It_computes_and_differentiates_as_the_module_does()
    {
        INetworkFactory factory = new TorchModule(Make);
        var parameters = factory.InitialParameters(Spec, seed: 7);
        var random = new RandomStream(1);
        foreach (ref var parameter in parameters.AsSpan())
            parameter += 0.1f * (float)random.NextNormal();
        float[] observations = [.. Enumerable.Range(0, Batch * 3).Select(_ => (float)random.NextNormal())];
        float[] outputGradients = [.. Enumerable.Range(0, Batch * Spec.Outputs).Select(_ => (float)random.NextNormal())];
        using var network = factory.Make(Spec, Batch, "cpu");
        network.Load(parameters);
        var outputs = network.Forward(observations).ToArray();
        var (gradient, inputGradient) = (new float[parameters.Length], new float[observations.Length]);
        network.Backward(outputGradients, gradient, inputGradient);

        using var scope = NewDisposeScope();
        using var module = Make(3, 3);
        var offset = 0;
        using (no_grad())
            foreach (var parameter in module.parameters())
            {
                parameter.copy_(tensor(parameters[offset..(offset += (int)parameter.numel())]).view(parameter.shape));
            }
        var input = tensor(observations).view(Batch, 3).requires_grad_();
        var constants = tensor(parameters[offset..]).requires_grad_();
        var expected = cat([module.call(input), constants.expand(Batch, 2)], 1);
        expected.backward([tensor(outputGradients).view(Batch, Spec.Outputs)]);
        Assert.Equal(Values(expected), outputs, Close);
        Assert.Equal([.. module.parameters().SelectMany(parameter => Values(parameter.grad!)), .. Values(constants.grad!)], gradient, Close);
        Assert.Equal(Values(input.grad!), inputGradient, Close);
    }

    [Fact]
    public void Its_layout_is_that_of_the_module_s_parameters_and_then_the_constants()
    {
        var layout = ((INetworkFactory)new TorchModule(Make)).LayoutOf(Spec);
        Assert.Equal(
            ["0.weight: 5, 3 at 0", "0.bias: 5 at 15", "1.weight: 5 at 20", "1.bias: 5 at 25", "3.weight: 3, 5 at 30", "3.bias: 3 at 45", "constants: 2 at 48"],
            layout.Tensors.Select(tensor => $"{tensor.Name}: {string.Join(", ", tensor.Shape)} at {tensor.Offset}"));
        Assert.Equal((48, 50), (layout.ConstantOffset, layout.Count));
    }

    [Fact]
    public void A_seed_decides_the_parameters_it_starts_with()
    {
        var factory = new TorchModule(Make);
        Assert.Equal(factory.InitialParameters(Spec, 7), factory.InitialParameters(Spec, 7));
        Assert.NotEqual(factory.InitialParameters(Spec, 7), factory.InitialParameters(Spec, 8));
        Assert.Equal([-0.5f, -0.5f], factory.InitialParameters(Spec, 7)[^2..]);
    }

    [Theory]
    [InlineData("shape", "it maps [2, 3] to [2, 4]; [2, 3] is wanted")]
    [InlineData("inputs", "it cannot map [2, 3] to [2, 3]")]
    [InlineData("buffer", "it has a buffer, 1.running_mean")]
    [InlineData("frozen", "its parameter 0.weight is not a float32 that is learnt")]
    [InlineData("unused", "its parameter unused.weight makes no difference to its outputs")]
    [InlineData("none", "its outputs depend on no parameter")]
    public void A_module_that_does_not_serve_is_refused_with_the_reason(string what, string because)
    {
        var factory = new TorchModule((inputs, outputs) => what switch
        {
            "shape" => Linear(inputs, outputs + 1),
            "inputs" => Linear(inputs + 1, outputs),
            "buffer" => Sequential(Linear(inputs, outputs), BatchNorm1d(outputs)),
            "frozen" => Frozen(Sequential(Linear(inputs, outputs))),
            "unused" => new HalfUsed(inputs, outputs),
            _ => Identity(),
        });
        Assert.Contains(because, Assert.Throws<ArgumentException>(() => factory.LayoutOf(Spec)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_gradients_leave_no_tensor_behind()
    {
        INetworkFactory factory = new TorchModule(Make);
        using var network = factory.Make(Spec, Batch, "cpu");
        var (observations, outputGradients, gradient) = (new float[Batch * 3], new float[Batch * Spec.Outputs], new float[network.Layout.Count]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 500; i++)
        {
            network.Forward(observations);
            network.Backward(outputGradients, gradient);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Module<Tensor, Tensor> Make(int inputs, int outputs) => Sequential(Linear(inputs, 5), LayerNorm(5), GELU(), Linear(5, outputs));

    private static Module<Tensor, Tensor> Frozen(Module<Tensor, Tensor> module)
    {
        foreach (var parameter in module.parameters())
            parameter.requires_grad = false;
        return module;
    }

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static bool Close(float a, float b) => Math.Abs(a - b) < 1e-5;

    /// <summary>Has a layer that it does not use.</summary>
    private sealed class HalfUsed : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> used, unused;

        public HalfUsed(int inputs, int outputs) : base(nameof(HalfUsed))
        {
            (used, unused) = (Linear(inputs, outputs), Linear(inputs, outputs));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => used.call(input);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                used.Dispose();
                unused.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
