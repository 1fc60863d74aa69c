using System.Collections.Immutable;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The fused engine: perceptrons on the CPU in SIMD kernels. No tensors, no native calls, no allocation once made.</summary>
/// <remarks>
/// The kernels work on native memory by pointers: every call keeps it alive until it returns, and none begins once it is gone.
/// With a crew, a pass that is worth it is shared out in pieces; the result is the same to the bit.
/// </remarks>
public sealed unsafe class FusedNetwork : INetwork
{
    /// <summary>Multiply-adds below which pieces cost more than they save: some 10 microseconds of one core.</summary>
    private const long WorthACrew = 500_000;

    /// <summary>Rows of a piece: never fewer, and few enough for eight pieces where the batch is larger.</summary>
    private const int PieceRowsMinimum = 16, PiecesWanted = 8;

    private readonly AlignedMemory memory;
    private readonly ImmutableArray<FusedTower> towers;
    private readonly ImmutableArray<Level> levels;
    private readonly ImmutableArray<(FusedTower Tower, int Layer, int FirstRow)> layerPieces;
    private readonly long multiplyAdds;
    private readonly Crew? crew;
    private readonly int observationSize;
    private readonly int outputSize;
    private readonly float* observations;
    private readonly float[] outputs;
    private readonly float[] constants;
    private readonly Action<int> forwardPiece, backwardPiece;
    private readonly Action<ParameterPiece> loadPiece;

    // The pass at hand, for its pieces.
    private int firstRow, rows, pieceRows;
    private Level level = null!;
    private float* loaded, parameterGradients;
    private bool wantsInputs;

    /// <summary>The layers of all towers that are differentiated at once, in pieces.</summary>
    private sealed record Level(long MultiplyAdds, ImmutableArray<(FusedTower Tower, int Layer, int FirstRow)> Pieces);

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
        var floats = AlignedMemory.Rounded((long)rowCapacity * spec.Inputs)
            + Layout.Towers.Sum(layers => FusedTower.FloatsNeeded(layers, spec, rowCapacity, kernels));
        if (floats > int.MaxValue)
            throw new ArgumentException(
                $"This network needs {floats} floats for {rowCapacity} rows, more than one block holds: make layers narrower or rows fewer.");
        memory = new AlignedMemory((int)floats);
        observations = memory.Take(rowCapacity * spec.Inputs);
        towers = [.. Layout.Towers.Select(layers => new FusedTower(layers, spec, rowCapacity, kernels, memory))];
        levels =
        [
            .. Enumerable.Range(0, towers.Max(tower => tower.Depth)).Reverse().Select(layer => new Level(
                Layout.Towers.Sum(layers => layer < layers.Length ? (long)layers[layer].Inputs * layers[layer].Outputs : 0),
                [.. towers.SelectMany(tower => tower.PiecesOf(layer), (tower, firstRow) => (tower, layer, firstRow))]))
        ];
        multiplyAdds = levels.Sum(level => level.MultiplyAdds);
        outputs = new float[rowCapacity * spec.Outputs];
        constants = new float[spec.Constants];
        layerPieces = [.. levels.SelectMany(level => level.Pieces)];
        Pieces = new ParameterPieces(
            [.. levels.Select(level => level.Pieces.Select(piece => piece.Tower.RangeOf(piece.Layer, piece.FirstRow))), [Layout.ConstantOffset..Layout.Count]], crew);
        (forwardPiece, backwardPiece, loadPiece) = (ForwardPiece, BackwardPiece, LoadPiece);
    }

    /// <inheritdoc/>
    public NetworkSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public int RowCapacity { get; }

    /// <inheritdoc/>
    public ParameterPieces Pieces { get; }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        if (parameters.Length != Layout.Count)
            throw new ArgumentException($"This network has {Layout.Count} parameters, not {parameters.Length}.", nameof(parameters));
        fixed (float* taken = parameters)
        {
            loaded = taken;
            Pieces.Run(loadPiece);
        }
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<float> observations, int row = 0)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, this);
        var rows = RowsOf(observations.Length, observationSize, row);
        observations.CopyTo(new Span<float>(this.observations + row * observationSize, observations.Length));
        if (crew is not null && rows * multiplyAdds >= WorthACrew)
        {
            (firstRow, this.rows) = (row, rows);
            pieceRows = Math.Max(PieceRowsMinimum, (rows / PiecesWanted + 3) / 4 * 4);
            crew.Run((rows + pieceRows - 1) / pieceRows, forwardPiece);
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
        var column = 0;
        foreach (var tower in towers)
        {
            tower.TakeGradients(outputGradients[column..], outputSize, rows);
            column += tower.Outputs;
        }
        fixed (float* parameters = parameterGradients)
        {
            this.parameterGradients = parameters;
            (this.rows, wantsInputs) = (rows, !inputGradients.IsEmpty);
            foreach (var layers in levels)
            {
                level = layers;
                if (crew is not null && rows * level.MultiplyAdds >= WorthACrew)
                    crew.Run(level.Pieces.Length, backwardPiece);
                else
                    for (var piece = 0; piece < level.Pieces.Length; piece++)
                        BackwardPiece(piece);
            }
        }
        inputGradients.Clear();
        if (wantsInputs)
            foreach (var tower in towers)
                tower.AddInputGradients(inputGradients, rows);
        if (!parameterGradients.IsEmpty)
            SumConstants(outputGradients[column..], rows, parameterGradients[Layout.ConstantOffset..]);
        GC.KeepAlive(memory);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private void LoadPiece(ParameterPiece piece)
    {
        if (piece.Start == Layout.ConstantOffset)
        {
            new ReadOnlySpan<float>(loaded + piece.Start, piece.Count).CopyTo(constants);
            return;
        }
        var (tower, layer, firstRow) = layerPieces[piece.Index];
        tower.Load(layer, firstRow, loaded);
    }

    private void ForwardPiece(int index) => ForwardRows(firstRow + index * pieceRows, Math.Min(pieceRows, rows - index * pieceRows));

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

    private void BackwardPiece(int index)
    {
        var (tower, layer, row) = level.Pieces[index];
        tower.Backward(layer, row, observations, rows, parameterGradients, wantsInputs);
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
