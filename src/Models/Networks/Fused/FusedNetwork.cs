using System.Collections.Immutable;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The fused engine: perceptrons on the CPU in SIMD kernels. No tensors, no native calls, no allocation once made.</summary>
/// <remarks>
/// The kernels work on native memory by pointers: every call keeps it alive until it returns, and none begins once it is gone.
/// With a crew, a pass that is worth it is shared out in pieces of rows; the result is the same to the bit.
/// </remarks>
public sealed unsafe class FusedNetwork : INetwork
{
    /// <summary>Multiply-adds of a pass below which its pieces cost more than they save: some 15 microseconds of one core.</summary>
    private const long WorthACrew = 1_000_000;

    /// <summary>Rows of a piece: never fewer, and few enough for eight pieces where the batch is larger.</summary>
    private const int PieceRowsMinimum = 16, PiecesWanted = 8;

    private readonly AlignedMemory memory;
    private readonly ImmutableArray<FusedTower> towers;
    private readonly ImmutableArray<(FusedTower Tower, int Layer, int FirstRow)> weightPieces;
    private readonly Crew? crew;
    private readonly long rowMultiplyAdds;
    private readonly int observationSize;
    private readonly int outputSize;
    private readonly float* observations;
    private readonly float[] outputs;
    private readonly float[] constants;
    private readonly Action<int> forwardPiece, propagatePiece, weightPiece;

    // The pass at hand, for its pieces.
    private int firstRow, rows, pieceRows, transposing;
    private float* outputGradients, parameterGradients, inputGradients;
    private bool isDifferentiated;

    /// <summary>
    /// A network that remembers up to <paramref name="rowCapacity"/> rows; its parameters are undefined until <see cref="Load"/>.
    /// </summary>
    /// <param name="spec">What the network is.</param>
    /// <param name="rowCapacity">The most rows.</param>
    /// <param name="crew">Helps with large batches; null for none.</param>
    /// <exception cref="ArgumentException">The specification is not a network, or the capacity is below 1.</exception>
    public FusedNetwork(NetworkSpec spec, int rowCapacity, Crew? crew = null)
        : this(spec, rowCapacity, Kernels.Widest, crew) { }

    internal FusedNetwork(NetworkSpec spec, int rowCapacity, Kernels kernels, Crew? crew = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCapacity, 1);
        if (!spec.IsDense)
            throw new ArgumentException("The fused engine computes dense layers alone; convolutions and memories need the torch engine.", nameof(spec));
        Spec = spec;
        Layout = new ParameterLayout(spec);
        RowCapacity = rowCapacity;
        this.crew = crew;
        (observationSize, outputSize) = (spec.Inputs, spec.Outputs);
        rowMultiplyAdds = Layout.Towers.Sum(layers => layers.Sum(layer => (long)layer.Inputs * layer.Outputs));
        var floats = AlignedMemory.Rounded((long)rowCapacity * spec.Inputs)
            + Layout.Towers.Sum(layers => FusedTower.FloatsNeeded(layers, spec, rowCapacity, kernels));
        if (floats > int.MaxValue)
            throw new ArgumentException(
                $"This network needs {floats} floats for {rowCapacity} rows, more than one block holds: make layers narrower or rows fewer.");
        memory = new AlignedMemory((int)floats);
        observations = memory.Take(rowCapacity * spec.Inputs);
        towers = [.. Layout.Towers.Select(layers => new FusedTower(layers, spec, rowCapacity, kernels, memory))];
        weightPieces = [.. towers.SelectMany(tower => tower.WeightPieces, (tower, piece) => (tower, piece.Layer, piece.FirstRow))];
        outputs = new float[rowCapacity * spec.Outputs];
        constants = new float[spec.Constants];
        (forwardPiece, propagatePiece, weightPiece) = (ForwardPiece, PropagatePiece, WeightPiece);
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
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        if (parameters.Length != Layout.Count)
            throw new ArgumentException($"This network has {Layout.Count} parameters, not {parameters.Length}.", nameof(parameters));
        foreach (var tower in towers)
            tower.Load(parameters);
        parameters[Layout.ConstantOffset..].CopyTo(constants);
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        var rows = RowsOf(observations.Length, observationSize, row);
        observations.CopyTo(new Span<float>(this.observations + row * observationSize, observations.Length));
        if (IsWorthACrew(rows))
        {
            (firstRow, this.rows, pieceRows) = (row, rows, PieceRows(rows));
            // A network that is differentiated will be again: what its backward pass needs transposed fills gaps here.
            transposing = isDifferentiated && !towers[0].IsTransposed(toInputs: true) ? weightPieces.Length : 0;
            crew!.Run(transposing + Pieces, forwardPiece);
            if (transposing > 0)
                foreach (var tower in towers)
                    tower.SetTransposed();
        }
        else
            ForwardRows(row, rows);
        GC.KeepAlive(memory);
        return outputs.AsSpan(row * outputSize, rows * outputSize);
    }

    /// <inheritdoc/>
    public void Backward(ReadOnlySpan<float> outputGradients, Span<float> parameterGradients, Span<float> inputGradients = default)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        var rows = RowsOf(outputGradients.Length, outputSize, 0);
        if (!parameterGradients.IsEmpty && parameterGradients.Length != Layout.Count)
            throw new ArgumentException(
                $"This network has {Layout.Count} parameters, not {parameterGradients.Length}.", nameof(parameterGradients));
        if (!inputGradients.IsEmpty && inputGradients.Length != rows * observationSize)
            throw new ArgumentException(
                $"{rows} rows need {rows * observationSize} input gradients, not {inputGradients.Length}.", nameof(inputGradients));
        inputGradients.Clear();
        isDifferentiated = true;
        foreach (var tower in towers)
            tower.Transpose(toInputs: !inputGradients.IsEmpty);
        fixed (float* outputs = outputGradients, parameters = parameterGradients, inputs = inputGradients)
        {
            this.outputGradients = outputs;
            this.parameterGradients = parameters;
            this.inputGradients = inputs;
            this.rows = rows;
            if (IsWorthACrew(rows))
            {
                pieceRows = PieceRows(rows);
                crew!.Run(Pieces, propagatePiece);
                if (parameters != null)
                    crew.Run(weightPieces.Length, weightPiece);
            }
            else
            {
                PropagateRows(0, rows);
                for (var piece = 0; parameters != null && piece < weightPieces.Length; piece++)
                    WeightPiece(piece);
            }
        }
        if (!parameterGradients.IsEmpty)
            SumConstants(outputGradients[(outputSize - constants.Length)..], rows, parameterGradients[Layout.ConstantOffset..]);
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private int Pieces => (rows + pieceRows - 1) / pieceRows;

    private bool IsWorthACrew(int rows) => crew is not null && rows * rowMultiplyAdds >= WorthACrew;

    private static int PieceRows(int rows) => Math.Max(PieceRowsMinimum, (rows / PiecesWanted + 3) / 4 * 4);

    private void ForwardPiece(int index)
    {
        if (index < transposing)
        {
            var (tower, layer, row) = weightPieces[index];
            tower.Transpose(layer, row);
            return;
        }
        var first = (index - transposing) * pieceRows;
        ForwardRows(firstRow + first, Math.Min(pieceRows, rows - first));
    }

    private void ForwardRows(int row, int rows)
    {
        var result = outputs.AsSpan(row * outputSize, rows * outputSize);
        var column = 0;
        foreach (var tower in towers)
        {
            tower.Forward(observations, row, rows, result[column..], outputSize);
            column += tower.Outputs;
        }
        if (constants.Length > 0)
            for (var i = 0; i < rows; i++)
                constants.CopyTo(result[(i * outputSize + column)..]);
    }

    private void PropagatePiece(int index) => PropagateRows(index * pieceRows, Math.Min(pieceRows, rows - index * pieceRows));

    private void PropagateRows(int row, int rows)
    {
        var column = 0;
        foreach (var tower in towers)
        {
            tower.Propagate(outputGradients + column, outputSize, row, rows, inputGradients);
            column += tower.Outputs;
        }
    }

    private void WeightPiece(int index)
    {
        var (tower, layer, row) = weightPieces[index];
        tower.WeightGradients(layer, row, observations, rows, parameterGradients);
    }

    private void SumConstants(ReadOnlySpan<float> gradients, int rows, Span<float> sums)
    {
        sums.Clear();
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < sums.Length; i++)
                sums[i] += gradients[row * outputSize + i];
    }

    private int RowsOf(int length, int rowLength, int firstRow)
    {
        var rows = length / rowLength;
        if (rows * rowLength != length || rows == 0)
            throw new ArgumentException($"{length} floats are not a whole number of rows of {rowLength}.");
        if (firstRow < 0 || firstRow > RowCapacity - rows)
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows - 1} do not fit the capacity of {RowCapacity} rows.");
        return rows;
    }
}
