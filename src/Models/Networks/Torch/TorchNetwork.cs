using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace AkkaRL.Models.Networks.Torch;

/// <summary>The TorchSharp engine: any network, any device, and the oracle of the fused engine.</summary>
/// <remarks>
/// Tensors of the parameters are views of one flat array, so loading is one memory copy. Dispose scopes are thread-static: every method
/// opens and closes its own, and what must outlive it is detached. Shapes: B rows, O observation, H outputs, P parameters, S state.
/// </remarks>
public sealed class TorchNetwork : INetwork
{
    private readonly float[] outputs;
    private readonly HostBuffer parameters;
    private readonly HostBuffer observations;
    private readonly HostBuffer outputGradients;
    private readonly HostBuffer? states;
    private readonly Device device;
    private readonly Tensor flat;
    private readonly ITorchFunction function;
    private readonly Tensor? constants;
    private readonly Tensor[] leaves;

    private (Tensor Input, Tensor Output)? graph;

    /// <summary>A network with parameters of zero; see <see cref="Load"/>.</summary>
    /// <param name="spec">What the network is.</param>
    /// <param name="rowCapacity">The most rows that can be remembered at once.</param>
    /// <param name="device">A Torch device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> ...</param>
    /// <exception cref="DllNotFoundException">The native library does not load; <see cref="TorchRuntime.Probe"/> says what to do.</exception>
    public TorchNetwork(NetworkSpec spec, int rowCapacity, string device = "cpu")
        : this(spec, new ParameterLayout(spec), rowCapacity, device, (layout, flat) => new TorchLayers(spec, layout, flat)) { }

    /// <param name="spec">What goes in and comes out.</param>
    /// <param name="layout">Where the parameters live.</param>
    /// <param name="rowCapacity">The most rows that can be remembered at once.</param>
    /// <param name="device">A Torch device.</param>
    /// <param name="makeFunction">What is computed, of parameters that are views of the flat tensor [P].</param>
    internal TorchNetwork(NetworkSpec spec, ParameterLayout layout, int rowCapacity, string device, Func<ParameterLayout, Tensor, ITorchFunction> makeFunction)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCapacity, 1);
        TorchRuntime.Require();
        // Workers are one thread each; Torch's own threads would only fight over the same cores. The setting is the process's.
        set_num_threads(1);
        (Spec, Layout, RowCapacity, this.device) = (spec, layout, rowCapacity, torch.device(device));
        outputs = new float[rowCapacity * spec.Outputs];
        parameters = new HostBuffer(Layout.Count);
        observations = new HostBuffer(rowCapacity, spec.Inputs);
        outputGradients = new HostBuffer(rowCapacity, spec.Outputs);
        states = spec.StateSize > 0 ? new HostBuffer(rowCapacity, spec.StateSize) : null;

        using var scope = NewDisposeScope();
        flat = parameters.Tensor.to(this.device).DetachFromDisposeScope();
        function = makeFunction(layout, flat);
        constants = spec.Constants > 0 ? Leaf(flat, Layout.ConstantOffset, spec.Constants) : null;
        leaves = constants is null ? [.. function.Leaves] : [.. function.Leaves, constants];
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public int RowCapacity { get; }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        RequireLength(parameters.Length, Layout.Count, "parameters", nameof(parameters));
        parameters.CopyTo(this.parameters.Array);
        if (device.type == DeviceType.CPU)
            return; // flat is the same memory
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        flat.copy_(this.parameters.Tensor);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        if (states is not null)
            throw new InvalidOperationException("A network with a memory needs the states, or the sequences, of its rows.");
        var rows = Take(observations, row);
        using var scope = NewDisposeScope();
        // A single row is a worker acting: it will come back as part of a batch, if at all, so its graph would be wasted.
        return Compute(row, rows, record: row == 0 && rows > 1, time: null);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, Span<float> states, int row = 0)
    {
        if (this.states is null)
            return Forward(observations, row);
        var rows = Take(observations, row);
        RequireLength(states.Length, rows * Spec.StateSize, "floats of recurrent state", nameof(states));
        using var scope = NewDisposeScope();
        var time = new TimeGrid(TakeStates(states, rows));
        var result = Compute(row, rows, record: false, time);
        Read(time.FinalStates, states);
        return result;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, Sequences sequences)
    {
        if (states is null)
            return Forward(observations);
        var rows = Take(observations, row: 0);
        var steps = 0;
        foreach (var length in sequences.Lengths)
            steps += Math.Max(length, 1);
        RequireLength(steps, rows, "steps of sequences", nameof(sequences));
        RequireLength(sequences.Begins.Length, rows, "marks of episodes", nameof(sequences));
        RequireLength(sequences.InitialStates.Length, sequences.Lengths.Length * Spec.StateSize, "floats of recurrent state", nameof(sequences));
        using var scope = NewDisposeScope();
        return Compute(0, rows, record: true, new TimeGrid(sequences, TakeStates(sequences.InitialStates, sequences.Lengths.Length)));
    }

    /// <inheritdoc/>
    public void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default)
    {
        var (rows, rest) = Math.DivRem(outputGradients.Length, Spec.Outputs);
        if (rest != 0 || rows == 0 || rows > RowCapacity)
            throw new ArgumentException(
                $"{outputGradients.Length} floats are not 1 to {RowCapacity} rows of {Spec.Outputs} output gradients.", nameof(outputGradients));
        if (!parameterGradients.IsEmpty)
            RequireLength(parameterGradients.Length, Layout.Count, "parameter gradients", nameof(parameterGradients));
        if (!inputGradients.IsEmpty)
            RequireLength(inputGradients.Length, rows * Spec.Inputs, "input gradients", nameof(inputGradients));

        outputGradients.CopyTo(this.outputGradients.Array);
        using var scope = NewDisposeScope();
        // The last Forward's graph serves if it covered exactly these rows. Rows that came in one at a time have none:
        // running them again as one batch is cheaper than B graphs of one row.
        var recorded = graph is { } last && last.Output.shape[0] == rows;
        if (!recorded && states is not null)
            throw new InvalidOperationException($"A network with a memory differentiates the sequences computed last, not other rows: there are {rows} output gradients.");
        var (input, output) = recorded ? graph!.Value : Run(0, rows, record: true, time: null);
        var seed = this.outputGradients.Tensor.narrow(0, 0, rows).to(device);
        var gradients = autograd.grad([output], inputGradients.IsEmpty ? leaves : [.. leaves, input], [seed]);
        Forget(); // the pass has freed what the graph held

        var offset = 0;
        for (var i = 0; i < leaves.Length && !parameterGradients.IsEmpty; i++)
        {
            var size = (int)leaves[i].numel();
            Read(gradients[i], parameterGradients.Slice(offset, size));
            offset += size;
        }
        if (!inputGradients.IsEmpty)
            Read(gradients[^1], inputGradients);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        function.Dispose();
        constants?.Dispose();
        flat.Dispose();
        parameters.Dispose();
        observations.Dispose();
        outputGradients.Dispose();
        states?.Dispose();
    }

    /// <summary>Part of the flat parameters, as a leaf to differentiate by. Outlives the scope that it is made in.</summary>
    internal static Tensor Leaf(Tensor flat, int offset, params long[] shape) =>
        flat.narrow(0, offset, shape.Aggregate(1L, (a, b) => a * b)).view(shape).detach().requires_grad_().DetachFromDisposeScope();

    private int Take(ReadOnlySpan<float> observations, int row)
    {
        var (rows, rest) = Math.DivRem(observations.Length, Spec.Inputs);
        if (rest != 0 || rows == 0)
            throw new ArgumentException($"{observations.Length} floats are not observations of {Spec.Inputs} each.", nameof(observations));
        if (row < 0 || row + rows > RowCapacity)
            throw new ArgumentException($"Rows {row} to {row + rows - 1} do not fit a capacity of {RowCapacity}.", nameof(row));
        observations.CopyTo(this.observations.Array.AsSpan(row * Spec.Inputs));
        Forget();
        return rows;
    }

    private Tensor TakeStates(ReadOnlySpan<float> values, int count)
    {
        values.CopyTo(states!.Array);
        return states.Tensor.narrow(0, 0, count).to(device);
    }

    private Span<float> Compute(int row, int rows, bool record, TimeGrid? time)
    {
        var (input, output) = Run(row, rows, record, time);
        if (record)
            graph = (input.DetachFromDisposeScope(), output.DetachFromDisposeScope());
        var result = outputs.AsSpan(row * Spec.Outputs, rows * Spec.Outputs);
        Read(output, result);
        return result;
    }

    private (Tensor Input, Tensor Output) Run(int row, int rows, bool record, TimeGrid? time)
    {
        using var mode = set_grad_enabled(record);
        var input = observations.Tensor.narrow(0, row, rows).to(device).requires_grad_(record);
        var output = function.Run(input, time);
        return (input, constants is null ? output : cat([output, constants.expand(rows, Spec.Constants)], 1));
    }

    private void Forget()
    {
        graph?.Input.Dispose();
        graph?.Output.Dispose();
        graph = null;
    }

    private static void Read(Tensor tensor, Span<float> destination) =>
        MemoryMarshal.Cast<byte, float>(tensor.detach().cpu().contiguous().bytes).CopyTo(destination);

    private static void RequireLength(int actual, int expected, string what, string argument)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected {expected} {what}, not {actual}.", argument);
    }
}
