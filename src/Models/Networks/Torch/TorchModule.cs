using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>A TorchSharp module of the user's own as the network of a run: observations [B, O] in, outputs [B, H] out.</summary>
/// <remarks>
/// <para>The flat parameter vector is the module's parameters in the order of <c>named_parameters</c>, each row-major, then the constants.
/// Every worker and the learner have a module each, whose parameters are views of such a vector; the module is in evaluation mode. Every
/// parameter has to take part in every forward pass.</para>
/// <para>The one place where a tensor is seen from outside: it is for users, who reference TorchSharp themselves. Nothing of AkkaRL above
/// Models names it.</para>
/// </remarks>
/// <param name="make">Makes the module by O and H; called more than once, on any thread, one at a time.</param>
public sealed class TorchModule(Func<int, int, Module<Tensor, Tensor>> make) : INetworkFactory
{
    private static readonly Lock Seeding = new();

    /// <inheritdoc/>
    public ParameterLayout LayoutOf(NetworkSpec spec)
    {
        TorchRuntime.Require();
        using var scope = NewDisposeScope();
        using var module = Make(spec);
        if (module.named_buffers().FirstOrDefault() is { name: { } buffer })
            throw new ArgumentException($"it has a buffer, {buffer}, which training would not keep: parameters alone are learnt and saved");
        var parameters = module.named_parameters().ToArray();
        if (parameters.FirstOrDefault(named => named.parameter.dtype != ScalarType.Float32 || !named.parameter.requires_grad) is { name: { } odd })
            throw new ArgumentException($"its parameter {odd} is not a float32 that is learnt");
        Try(module, spec);
        if (parameters.FirstOrDefault(named => named.parameter.grad is null) is { name: { } unused })
            throw new ArgumentException($"its parameter {unused} makes no difference to its outputs");
        return new ParameterLayout(parameters.Select(named => (named.name, named.parameter.shape.Select(size => checked((int)size)).ToArray())), spec.Constants);
    }

    /// <inheritdoc/>
    public float[] InitialParameters(NetworkSpec spec, ulong seed)
    {
        TorchRuntime.Require();
        var parameters = new List<float>();
        using var scope = NewDisposeScope();
        using var module = Make(spec, seed);
        foreach (var parameter in module.parameters())
            parameters.AddRange(parameter.detach().cpu().contiguous().data<float>());
        parameters.AddRange(Enumerable.Repeat(spec.InitialConstant, spec.Constants));
        return [.. parameters];
    }

    /// <inheritdoc/>
    INetwork INetworkFactory.Make(NetworkSpec spec, int rowCapacity, string device)
    {
        TorchRuntime.Require();
        return new TorchNetwork(spec, LayoutOf(spec), rowCapacity, device, (layout, flat) => new Function(Make(spec), layout, flat));
    }

    /// <summary>Torch's random numbers are the process's: one module is made at a time, so that a seed decides it.</summary>
    private Module<Tensor, Tensor> Make(NetworkSpec spec, ulong seed = 0)
    {
        lock (Seeding)
        {
            random.manual_seed(unchecked((long)seed));
            var module = make(spec.Inputs, spec.Outputs - spec.Constants);
            module.eval();
            return module;
        }
    }

    /// <summary>Two rows there and back.</summary>
    private static void Try(Module<Tensor, Tensor> module, NetworkSpec spec)
    {
        const int Rows = 2;
        var outputs = spec.Outputs - spec.Constants;
        try
        {
            var result = module.call(zeros(Rows, spec.Inputs));
            if (!result.shape.SequenceEqual([Rows, outputs]))
                throw new ArgumentException($"it maps [{Rows}, {spec.Inputs}] to [{string.Join(", ", result.shape)}]; [{Rows}, {outputs}] is wanted");
            if (!result.requires_grad)
                throw new ArgumentException("its outputs depend on no parameter");
            result.backward([ones(Rows, outputs)]);
        }
        catch (ExternalException error)
        {
            throw new ArgumentException($"it cannot map [{Rows}, {spec.Inputs}] to [{Rows}, {outputs}] and be differentiated: {error.Message.Split('\n')[0]}", error);
        }
    }

    /// <summary>The module, with parameters that are views of the flat ones.</summary>
    private sealed class Function : ITorchFunction
    {
        private readonly Module<Tensor, Tensor> module;

        public Function(Module<Tensor, Tensor> module, ParameterLayout layout, Tensor flat)
        {
            this.module = module;
            module.to(flat.device);
            var parameters = module.parameters().ToArray();
            using var mode = no_grad();
            foreach (var (parameter, (_, shape, offset)) in parameters.Zip(layout.Tensors))
                parameter.DetachFromDisposeScope().set_(flat.narrow(0, offset, parameter.numel()).view([.. shape.Select(size => (long)size)]));
            Leaves = parameters;
        }

        public IReadOnlyList<Tensor> Leaves { get; }

        public Tensor Run(Tensor observations, TimeGrid? time) => module.call(observations);

        public void Dispose() => module.Dispose();
    }
}
