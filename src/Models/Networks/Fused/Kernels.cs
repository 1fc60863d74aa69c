using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>The inner loops of the fused engine, for one register width. Hot path: pointers, no bounds checks, no allocation.</summary>
/// <remarks>Column counts and row strides of B and C are multiples of <see cref="Lanes"/>; <see cref="Padded"/> rounds up.</remarks>
internal abstract unsafe class Kernels
{
    /// <summary>The kernels for the widest registers of this machine.</summary>
    public static Kernels Widest { get; } =
        Vector512.IsHardwareAccelerated ? new Kernels<Vector512<float>, Lanes512>()
        : Vector256.IsHardwareAccelerated ? new Kernels<Vector256<float>, Lanes256>()
        : new Kernels<Vector128<float>, Lanes128>();

    /// <summary>Floats a vector.</summary>
    public abstract int Lanes { get; }

    /// <summary>The smallest multiple of <see cref="Lanes"/> that holds <paramref name="count"/>.</summary>
    public int Padded(int count) => (count + Lanes - 1) / Lanes * Lanes;

    /// <summary>C[m, n] = A[m, k] B[k, n] + bias[n]; A by strides, so that it may be a transposed matrix; no bias when null.</summary>
    /// <remarks>The three products of a dense layer are this one: Y = X W + b, dW = Xᵀ dY and dX = dY Wᵀ.</remarks>
    public abstract void Multiply(
        float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k);

    /// <summary>C[m, n] = A[m, k] Bᵀ[n, k] + bias[n] for few columns: n of a vector's lanes would go to waste in <see cref="Multiply"/>.</summary>
    /// <remarks>k and the row strides of A and B are multiples of <see cref="Lanes"/>.</remarks>
    public abstract void MultiplyNarrow(float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k);

    /// <summary>
    /// <see cref="Multiply"/> where A, row by row, has many zeros: of four rows at a time only the columns are added up in which one is not
    /// zero. The same to the bit, unless B is infinite or not a number somewhere.
    /// </summary>
    /// <remarks>The row stride of A is a multiple of <see cref="Lanes"/>, and A is zero from k to the next. The list has room for so many columns and a vector more.</remarks>
    public abstract void MultiplySparse(
        float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k, int* list);

    /// <summary>C[m, n] = Aᵀ B, A [k, m] and B [k, n], where many columns of B are zero: they are left out, and come out as zeros.</summary>
    /// <remarks>The scratch has <see cref="ScratchFloats"/> floats.</remarks>
    public abstract void MultiplySparseColumns(float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, int m, int n, int k, float* scratch);

    /// <summary>Floats that <see cref="MultiplySparseColumns"/> needs: for each column its mask, rank, first and place in the list, B without its zero columns, and rows of C.</summary>
    public static long ScratchFloats(int n, int k) => (4L + k + SparseRows) * (n + MostLanes);

    /// <summary>Rows of C that <see cref="MultiplySparseColumns"/> computes at a time.</summary>
    protected internal const int SparseRows = 48;

    private const int MostLanes = 16;

    /// <summary>sums[n] = Σ over rows of a[m, n].</summary>
    public abstract void SumRows(float* a, nint aRow, float* sums, int m, int n);

    /// <summary>b[n, m] = a[m, n]ᵀ.</summary>
    public abstract void Transpose(float* a, nint aRow, float* b, nint bRow, int m, int n);

    /// <summary>
    /// y = f(y) in place over <paramref name="count"/> floats; SiLU, whose derivative is no function of y, also copies its input to
    /// <paramref name="inputs"/>.
    /// </summary>
    public abstract void Activate(Activation activation, float* y, float* inputs, int count);

    /// <summary>gradient ⊙= f′ over <paramref name="count"/> floats, from the activations y (or, for SiLU, from its inputs).</summary>
    public abstract void Differentiate(Activation activation, float* y, float* inputs, float* gradient, int count);
}

/// <inheritdoc/>
internal sealed unsafe class Kernels<TVector, TLanes> : Kernels
    where TVector : struct
    where TLanes : struct, ILanes<TVector>
{
    // Compiled once, fully optimized: the first rollout should be as fast as the last.
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    public override int Lanes => TLanes.Count;

    [MethodImpl(Hot)]
    public override void Multiply(
        float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k)
    {
        var column = 0;
        // In each column the terms are added in the order of k whatever the height of the tile, so that it changes no bit of the result;
        // only the last rows, fewer than four, are added otherwise. Six rows at a time, and what is left of whole fours in fours.
        var fours = m - m % 4;
        var sixes = fours - (6 - fours % 6) % 6 * 2;
        if (TLanes.HasManyRegisters)
            for (; column <= n - 4 * TLanes.Count; column += 4 * TLanes.Count)
            {
                var biasHere = bias == null ? null : bias + column;
                var row = 0;
                for (; row < sixes; row += 6)
                    Tiles<TVector, TLanes>.Tile6x4(
                        a + row * aRow, aRow, aColumn, b + column, bRow, c + row * cRow + column, cRow, biasHere, k);
                for (; row < fours; row += 4)
                    Tiles<TVector, TLanes>.Tile4x4(
                        a + row * aRow, aRow, aColumn, b + column, bRow, c + row * cRow + column, cRow, biasHere, k);
                for (; row < m; row++)
                    Tiles<TVector, TLanes>.Tile1x4(a + row * aRow, aColumn, b + column, bRow, c + row * cRow + column, biasHere, k);
            }
        for (; column <= n - 2 * TLanes.Count; column += 2 * TLanes.Count)
        {
            var biasHere = bias == null ? null : bias + column;
            var row = 0;
            for (; row <= m - 4; row += 4)
                Tiles<TVector, TLanes>.Tile4x2(a + row * aRow, aRow, aColumn, b + column, bRow, c + row * cRow + column, cRow, biasHere, k);
            for (; row < m; row++)
                Tiles<TVector, TLanes>.Tile1x2(a + row * aRow, aColumn, b + column, bRow, c + row * cRow + column, biasHere, k);
        }
        if (column < n)
        {
            var biasHere = bias == null ? null : bias + column;
            var row = 0;
            for (; row <= m - 4; row += 4)
                Tiles<TVector, TLanes>.Tile4x1(a + row * aRow, aRow, aColumn, b + column, bRow, c + row * cRow + column, cRow, biasHere, k);
            for (; row < m; row++)
                Tiles<TVector, TLanes>.Tile1x1(a + row * aRow, aColumn, b + column, bRow, c + row * cRow + column, biasHere, k);
        }
    }

    [MethodImpl(Hot)]
    public override void MultiplyNarrow(float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k)
    {
        for (var column = 0; column < n; column++, b += bRow)
        {
            var row = 0;
            // Four rows at a time, so that one multiply-add need not wait for another; each is added up as it would be alone.
            for (; row <= m - 4; row += 4)
            {
                var (sum0, sum1, sum2, sum3) = (TLanes.Broadcast(0), TLanes.Broadcast(0), TLanes.Broadcast(0), TLanes.Broadcast(0));
                var rows = a + row * aRow;
                for (var i = 0; i < k; i += TLanes.Count)
                {
                    var weights = TLanes.Load(b + i);
                    sum0 = TLanes.MultiplyAdd(TLanes.Load(rows + i), weights, sum0);
                    sum1 = TLanes.MultiplyAdd(TLanes.Load(rows + aRow + i), weights, sum1);
                    sum2 = TLanes.MultiplyAdd(TLanes.Load(rows + 2 * aRow + i), weights, sum2);
                    sum3 = TLanes.MultiplyAdd(TLanes.Load(rows + 3 * aRow + i), weights, sum3);
                }
                var results = c + row * cRow + column;
                *results = bias[column] + TLanes.Sum(sum0);
                results[cRow] = bias[column] + TLanes.Sum(sum1);
                results[2 * cRow] = bias[column] + TLanes.Sum(sum2);
                results[3 * cRow] = bias[column] + TLanes.Sum(sum3);
            }
            for (; row < m; row++)
            {
                var sum = TLanes.Broadcast(0);
                for (var i = 0; i < k; i += TLanes.Count)
                    sum = TLanes.MultiplyAdd(TLanes.Load(a + row * aRow + i), TLanes.Load(b + i), sum);
                c[row * cRow + column] = bias[column] + TLanes.Sum(sum);
            }
        }
    }

    public override void MultiplySparse(
        float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k, int* list) =>
        SparseProducts<TVector, TLanes>.Multiply(this, a, aRow, b, bRow, c, cRow, bias, m, n, k, list);

    public override void MultiplySparseColumns(float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, int m, int n, int k, float* scratch) =>
        SparseProducts<TVector, TLanes>.MultiplyColumns(this, a, aRow, b, bRow, c, cRow, m, n, k, scratch);

    [MethodImpl(Hot)]
    public override void SumRows(float* a, nint aRow, float* sums, int m, int n)
    {
        var column = 0;
        // Four at a time, so that one addition need not wait for another.
        for (; column <= n - 4 * TLanes.Count; column += 4 * TLanes.Count)
        {
            var (sum0, sum1, sum2, sum3) = (TLanes.Broadcast(0), TLanes.Broadcast(0), TLanes.Broadcast(0), TLanes.Broadcast(0));
            var row = a + column;
            for (var i = 0; i < m; i++, row += aRow)
            {
                sum0 = TLanes.Add(sum0, TLanes.Load(row));
                sum1 = TLanes.Add(sum1, TLanes.Load(row + TLanes.Count));
                sum2 = TLanes.Add(sum2, TLanes.Load(row + 2 * TLanes.Count));
                sum3 = TLanes.Add(sum3, TLanes.Load(row + 3 * TLanes.Count));
            }
            TLanes.Store(sum0, sums + column);
            TLanes.Store(sum1, sums + column + TLanes.Count);
            TLanes.Store(sum2, sums + column + 2 * TLanes.Count);
            TLanes.Store(sum3, sums + column + 3 * TLanes.Count);
        }
        for (; column < n; column += TLanes.Count)
        {
            var sum = TLanes.Broadcast(0);
            for (var i = 0; i < m; i++)
                sum = TLanes.Add(sum, TLanes.Load(a + i * aRow + column));
            TLanes.Store(sum, sums + column);
        }
    }

    [MethodImpl(Hot)]
    public override void Transpose(float* a, nint aRow, float* b, nint bRow, int m, int n)
    {
        var (wholeRows, wholeColumns) = (m - m % TLanes.Count, n - n % TLanes.Count);
        for (var row = 0; row < wholeRows; row += TLanes.Count)
            for (var column = 0; column < wholeColumns; column += TLanes.Count)
                TransposeBlock(a + row * aRow + column, aRow, b + column * bRow + row, bRow);
        for (var row = 0; row < m; row++)
            for (var column = row < wholeRows ? wholeColumns : 0; column < n; column++)
                b[column * bRow + row] = a[row * aRow + column];
    }

    /// <summary>
    /// A square block of as many rows as lanes: halves swapped across the diagonal, then quarters within each half, and so on; two of these
    /// steps to a walk over memory.
    /// </summary>
    [MethodImpl(Hot)]
    private static void TransposeBlock(float* a, nint aRow, float* b, nint bRow)
    {
        if (TLanes.Count == 4)
        {
            SwapQuads(a, aRow, b, bRow, 1);
            return;
        }
        if (TLanes.Count == 8)
            SwapBlocks(a, aRow, b, bRow, 4);
        else
            SwapQuads(a, aRow, b, bRow, TLanes.Count / 4);
        SwapQuads(b, bRow, b, bRow, 1);
    }

    /// <summary>
    /// b = a with the off-diagonal blocks of every block of 2 x 2 blocks swapped; a block has <paramref name="size"/> rows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwapBlocks(float* a, nint aRow, float* b, nint bRow, int size)
    {
        TLanes.SwapPattern(size, out var one, out var other);
        for (var block = 0; block < TLanes.Count; block += 2 * size)
            for (var row = block; row < block + size; row++)
            {
                var upper = TLanes.Load(a + row * aRow);
                var lower = TLanes.Load(a + (row + size) * aRow);
                TLanes.SwapLanes(ref upper, ref lower, one, other);
                TLanes.Store(upper, b + row * bRow);
                TLanes.Store(lower, b + (row + size) * bRow);
            }
    }

    /// <summary>The same for blocks of twice the size and then for blocks of this size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwapQuads(float* a, nint aRow, float* b, nint bRow, int size)
    {
        TLanes.SwapPattern(2 * size, out var farOne, out var farOther);
        TLanes.SwapPattern(size, out var nearOne, out var nearOther);
        for (var block = 0; block < TLanes.Count; block += 4 * size)
            for (var row = block; row < block + size; row++)
            {
                var first = TLanes.Load(a + row * aRow);
                var second = TLanes.Load(a + (row + size) * aRow);
                var third = TLanes.Load(a + (row + 2 * size) * aRow);
                var fourth = TLanes.Load(a + (row + 3 * size) * aRow);
                TLanes.SwapLanes(ref first, ref third, farOne, farOther);
                TLanes.SwapLanes(ref second, ref fourth, farOne, farOther);
                TLanes.SwapLanes(ref first, ref second, nearOne, nearOther);
                TLanes.SwapLanes(ref third, ref fourth, nearOne, nearOther);
                TLanes.Store(first, b + row * bRow);
                TLanes.Store(second, b + (row + size) * bRow);
                TLanes.Store(third, b + (row + 2 * size) * bRow);
                TLanes.Store(fourth, b + (row + 3 * size) * bRow);
            }
    }

    [MethodImpl(Hot)]
    public override void Activate(Activation activation, float* y, float* inputs, int count)
    {
        var one = TLanes.Broadcast(1);
        var zero = TLanes.Broadcast(0);
        switch (activation)
        {
            case Activation.Tanh:
                for (var i = 0; i < count; i += TLanes.Count)
                    TLanes.Store(Tanh(TLanes.Load(y + i)), y + i);
                break;
            case Activation.ReLU:
                for (var i = 0; i < count; i += TLanes.Count)
                {
                    var x = TLanes.Load(y + i);
                    // Not "x where positive", which would turn NaN into a silent zero.
                    TLanes.Store(TLanes.Max(zero, x), y + i);
                }
                break;
            case Activation.ELU:
                for (var i = 0; i < count; i += TLanes.Count)
                {
                    var x = TLanes.Load(y + i);
                    // The smaller of zero and eˣ − 1: the exponential of zero is not exactly one.
                    TLanes.Store(TLanes.Add(TLanes.Max(zero, x), TLanes.Min(zero, TLanes.Subtract(TLanes.Exp(x), one))), y + i);
                }
                break;
            case Activation.SiLU:
                for (var i = 0; i < count; i += TLanes.Count)
                {
                    var x = TLanes.Load(y + i);
                    TLanes.Store(x, inputs + i);
                    TLanes.Store(TLanes.Multiply(x, Sigmoid(x)), y + i);
                }
                break;
        }
    }

    [MethodImpl(Hot)]
    public override void Differentiate(Activation activation, float* y, float* inputs, float* gradient, int count)
    {
        var one = TLanes.Broadcast(1);
        var zero = TLanes.Broadcast(0);
        // A loop each: with the choice inside, it takes twice the time.
        switch (activation)
        {
            case Activation.Tanh:
                for (var i = 0; i < count; i += TLanes.Count)
                {
                    var value = TLanes.Load(y + i);
                    Scale(gradient + i, TLanes.Subtract(one, TLanes.Multiply(value, value)));
                }
                break;
            case Activation.ReLU:
                for (var i = 0; i < count; i += TLanes.Count)
                    Scale(gradient + i, TLanes.WherePositive(TLanes.Load(y + i), one, zero));
                break;
            case Activation.ELU:
                for (var i = 0; i < count; i += TLanes.Count)
                {
                    var value = TLanes.Load(y + i);
                    Scale(gradient + i, TLanes.WherePositive(value, one, TLanes.Add(value, one)));
                }
                break;
            case Activation.SiLU:
                for (var i = 0; i < count; i += TLanes.Count)
                {
                    var x = TLanes.Load(inputs + i);
                    var sigmoid = Sigmoid(x);
                    Scale(gradient + i, TLanes.Multiply(sigmoid, TLanes.MultiplyAdd(x, TLanes.Subtract(one, sigmoid), one)));
                }
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(float* gradient, TVector derivative) => TLanes.Store(TLanes.Multiply(TLanes.Load(gradient), derivative), gradient);

    /// <summary>
    /// x P(x²) / Q(x²), the rational minimax approximation of degree 13 over 6 that Eigen uses; error below 4e-7 everywhere (tested).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Tanh(TVector value)
    {
        // Beyond the clamp the quotient has reached ±1 in float32.
        var x = TLanes.Min(TLanes.Broadcast(7.90531111f), TLanes.Max(TLanes.Broadcast(-7.90531111f), value));
        var x2 = TLanes.Multiply(x, x);
        var p = TLanes.MultiplyAdd(x2, TLanes.Broadcast(-2.76076847742355e-16f), TLanes.Broadcast(2.00018790482477e-13f));
        p = TLanes.MultiplyAdd(x2, p, TLanes.Broadcast(-8.60467152213735e-11f));
        p = TLanes.MultiplyAdd(x2, p, TLanes.Broadcast(5.12229709037114e-08f));
        p = TLanes.MultiplyAdd(x2, p, TLanes.Broadcast(1.48572235717979e-05f));
        p = TLanes.MultiplyAdd(x2, p, TLanes.Broadcast(6.37261928875436e-04f));
        p = TLanes.MultiplyAdd(x2, p, TLanes.Broadcast(4.89352455891786e-03f));
        var q = TLanes.MultiplyAdd(x2, TLanes.Broadcast(1.19825839466702e-06f), TLanes.Broadcast(1.18534705686654e-04f));
        q = TLanes.MultiplyAdd(x2, q, TLanes.Broadcast(2.26843463243900e-03f));
        q = TLanes.MultiplyAdd(x2, q, TLanes.Broadcast(4.89352518554385e-03f));
        return TLanes.Divide(TLanes.Multiply(x, p), q);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sigmoid(TVector x)
    {
        var one = TLanes.Broadcast(1);
        return TLanes.Divide(one, TLanes.Add(one, TLanes.Exp(TLanes.Subtract(TLanes.Broadcast(0), x))));
    }
}
