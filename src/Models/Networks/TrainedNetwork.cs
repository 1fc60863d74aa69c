using System.Numerics.Tensors;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Networks;

/// <summary>A network, its parameters and their optimizer: what descends a gradient. A core that has a slice of the network has these of it, too.</summary>
public sealed class TrainedNetwork : IDisposable
{
    private readonly SlicedNetwork network;
    private readonly Memory<float> parameters;
    private readonly IOptimizer[] optimizers;
    private readonly double[] squares;
    private readonly int outputSize;
    private readonly Action<int> measure, update;

    // The step at hand.
    private float scale, learningRate;
    private bool isAhead;

    /// <summary>Takes everything over.</summary>
    /// <param name="network">Any; one of slices is trained by all cores that compute it.</param>
    /// <param name="parameters">θ [P] at the start. Steps leave it behind until <see cref="Gather"/>.</param>
    /// <param name="makeOptimizer">The update rule of a number of parameters.</param>
    public TrainedNetwork(INetwork network, Memory<float> parameters, Func<int, IOptimizer> makeOptimizer)
    {
        (Network, this.network, this.parameters) = (network, SlicedNetwork.Of(network), parameters);
        optimizers = [.. this.network.Parts.Select(part => makeOptimizer(part.Parameters.Length))];
        (squares, outputSize) = (new double[optimizers.Length], network.Spec.Outputs);
        (measure, update) = (Measure, Update);
        Load();
    }

    /// <summary>The network, for its passes.</summary>
    public INetwork Network { get; }

    /// <summary>Takes θ as its memory has it, whose owner has changed it.</summary>
    public void Load()
    {
        network.Load(parameters.Span);
        isAhead = false;
    }

    /// <summary>Brings the memory of θ [P] up to date, from all cores.</summary>
    public ReadOnlySpan<float> Gather()
    {
        if (isAhead)
            foreach (var part in network.Parts)
                part.Slice.Give(part.Parameters, parameters.Span);
        isAhead = false;
        return parameters.Span;
    }

    /// <summary>
    /// d ← the gradient over the rows that the network remembers; d ← d · min(1, maximum / ‖d‖₂) and θ ← optimizer(θ, d). A gradient whose norm is not finite
    /// changes nothing: the caller must look at the result.
    /// </summary>
    /// <param name="outputGradients">∂L/∂outputs [B, H].</param>
    /// <param name="maximumNorm">The longest norm allowed; 0 or less for any.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <returns>‖d‖₂ before clipping: NaN or infinity when an element is.</returns>
    public float Descend(ReadOnlySpan<float> outputGradients, double maximumNorm, float learningRate)
    {
        var rows = outputGradients.Length / outputSize;
        network.Differentiate(outputGradients, wantsParameters: true, inputGradients: default);
        network.SumTied();
        network.Run(rows, measure);
        var sum = 0.0;
        foreach (var square in squares)
            sum += square;
        var norm = (float)Math.Sqrt(double.IsFinite(sum) ? sum : network.Parts.Sum(SquaresWithCare));
        if (!float.IsFinite(norm))
            return norm;
        (scale, this.learningRate) = (maximumNorm > 0 && norm > maximumNorm ? (float)maximumNorm / norm : 1, learningRate);
        foreach (var part in network.Parts)
            Scale(part.Common);
        network.Run(rows, update);
        isAhead = true;
        return norm;
    }

    /// <summary>Shows the optimizer's moments, of each kind [P], and its updates.</summary>
    public void VisitOptimizer(IStateVisitor state, string name)
    {
        var kinds = optimizers[0].Moments.Length / network.Parts[0].Parameters.Length;
        var moments = new float[kinds * network.Layout.Count];
        for (var i = 0; i < optimizers.Length; i++)
            for (var kind = 0; kind < kinds; kind++)
                network.Parts[i].Slice.Give(Moments(i, kind), WholeMoments(kind));
        state.Visit($"{name}.moments", moments);
        if (state.IsRestoring)
            for (var i = 0; i < optimizers.Length; i++)
                for (var kind = 0; kind < kinds; kind++)
                    network.Parts[i].Slice.Take(WholeMoments(kind), Moments(i, kind));
        var updates = optimizers[0].Updates;
        state.Visit($"{name}.updates", ref updates);
        foreach (var optimizer in optimizers)
            optimizer.Updates = updates;

        Span<float> WholeMoments(int kind) => moments.AsSpan(kind * network.Layout.Count, network.Layout.Count);
        Span<float> Moments(int index, int kind) => optimizers[index].Moments.Slice(kind * network.Parts[index].Parameters.Length, network.Parts[index].Parameters.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private void Measure(int index)
    {
        var part = network.Parts[index];
        squares[index] = TensorPrimitives.SumOfSquares<float>(part.Common) + TensorPrimitives.SumOfSquares<float>(part.Gradient.AsSpan(part.Slice.Tied));
    }

    private void Update(int index)
    {
        var (part, optimizer) = (network.Parts[index], optimizers[index]);
        var tied = part.Slice.Tied;
        var own = part.Gradient.AsSpan(tied);
        Scale(own);
        optimizer.UpdatePiece(part.Parameters.AsSpan(0, tied), part.First.Common, 0, learningRate);
        optimizer.UpdatePiece(part.Parameters.AsSpan(tied), own, tied, learningRate);
        optimizer.Updates++;
        part.Network.Load(part.Parameters);
    }

    private void Scale(Span<float> gradient)
    {
        if (scale < 1)
            TensorPrimitives.Multiply(gradient, scale, gradient);
    }

    /// <summary>In double precision, where the squares of finite floats cannot overflow.</summary>
    private static double SquaresWithCare(SlicedNetwork.Part part)
    {
        var norms = (GradientClipping.CarefulNorm(part.Common), GradientClipping.CarefulNorm(part.Gradient.AsSpan(part.Slice.Tied)));
        return norms.Item1 * norms.Item1 + norms.Item2 * norms.Item2;
    }
}
