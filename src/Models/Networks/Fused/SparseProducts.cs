using System.Runtime.CompilerServices;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>Products that leave zeros out, as ReLU makes them: <see cref="Kernels.MultiplySparse"/> and <see cref="Kernels.MultiplySparseColumns"/>.</summary>
internal static unsafe class SparseProducts<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, ILanes<TVector>
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Hot)]
    public static void Multiply(
        Kernels kernels, float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int m, int n, int k, int* list)
    {
        var step = (TLanes.HasManyRegisters ? 4 : 2) * TLanes.Count;
        var wide = n - n % step;
        var row = 0;
        for (; row <= m - 4; row += 4, a += 4 * aRow, c += 4 * cRow)
        {
            var count = List(a, aRow, kernels.Padded(k), list);
            for (var column = 0; column < wide; column += step)
            {
                var biasHere = bias == null ? null : bias + column;
                if (TLanes.HasManyRegisters)
                    Tile4x4(a, aRow, b + column, bRow, c + column, cRow, biasHere, list, count);
                else
                    Tile4x2(a, aRow, b + column, bRow, c + column, cRow, biasHere, list, count);
            }
        }
        if (row < m)
            kernels.Multiply(a, aRow, 1, b, bRow, c, cRow, bias, m - row, wide, k);
        if (wide < n)
            kernels.Multiply(a - row * aRow, aRow, 1, b + wide, bRow, c - row * cRow + wide, cRow, bias == null ? null : bias + wide, m, n - wide, k);
    }

    [MethodImpl(Hot)]
    public static void MultiplyColumns(
        Kernels kernels, float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, int m, int n, int k, float* scratch)
    {
        var room = n + TLanes.Count;
        var masks = scratch;
        var ranks = (int*)(scratch + room);
        var firsts = (int*)(scratch + 2 * room);
        var list = (int*)(scratch + 3 * room);
        var packed = scratch + 4 * room;
        // The columns that count: of each vector a mask of them and where the first of them goes.
        var count = 0;
        for (var column = 0; column < n; column += TLanes.Count)
        {
            var mask = TLanes.Broadcast(0);
            for (var row = 0; row < k; row++)
                mask = TLanes.Or(mask, TLanes.NotZero(TLanes.Load(b + row * bRow + column)));
            TLanes.Store(mask, masks + column);
            firsts[column] = count;
            count += TLanes.Append(mask, column, list + count);
        }
        var width = kernels.Padded(count);
        if (width == n)
        {
            kernels.Multiply(a, 1, aRow, b, bRow, c, cRow, null, m, n, k);
            return;
        }
        // Where each goes, counted from its vector's first.
        for (var column = 0; column < n; column++)
            ranks[column] = 0;
        for (var i = 0; i < count; i++)
            ranks[list[i]] = i - firsts[list[i] / TLanes.Count * TLanes.Count];
        // B without the others; the product of that; and back to where they were, zeros between them.
        for (var row = 0; row < k; row++)
        {
            var from = b + row * bRow;
            var to = packed + row * width;
            for (var i = 0; i < count; i++)
                to[i] = from[list[i]];
            for (var i = count; i < width; i++)
                to[i] = 0;
        }
        var results = packed + k * room;
        for (var first = 0; first < m; first += Kernels.SparseRows)
        {
            var rows = Math.Min(Kernels.SparseRows, m - first);
            kernels.Multiply(a + first, 1, aRow, packed, width, results, width, null, rows, width, k);
            for (var column = 0; column < n; column += TLanes.Count)
            {
                var mask = TLanes.Load(masks + column);
                var rank = TLanes.Load((float*)ranks + column);
                var from = results + firsts[column];
                var to = c + first * cRow + column;
                for (var row = 0; row < rows; row++, from += width, to += cRow)
                    TLanes.Store(TLanes.Spread(TLanes.Load(from), rank, mask), to);
            }
        }
    }

    /// <summary>Lists the columns in which one of four rows is not zero; returns how many. The list needs room for a vector more.</summary>
    [MethodImpl(Hot)]
    private static int List(float* a, nint aRow, int columns, int* terms)
    {
        var count = 0;
        for (var column = 0; column < columns; column += TLanes.Count, a += TLanes.Count)
            count += TLanes.Append(
                TLanes.Or(
                    TLanes.Or(TLanes.NotZero(TLanes.Load(a)), TLanes.NotZero(TLanes.Load(a + aRow))),
                    TLanes.Or(TLanes.NotZero(TLanes.Load(a + 2 * aRow)), TLanes.NotZero(TLanes.Load(a + 3 * aRow)))),
                column, terms + count);
        return count;
    }

    [MethodImpl(Hot)]
    private static void Tile4x4(float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int* terms, int count)
    {
        var c00 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var c01 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + TLanes.Count);
        var c02 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + 2 * TLanes.Count);
        var c03 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + 3 * TLanes.Count);
        var c10 = c00;
        var c11 = c01;
        var c12 = c02;
        var c13 = c03;
        var c20 = c00;
        var c21 = c01;
        var c22 = c02;
        var c23 = c03;
        var c30 = c00;
        var c31 = c01;
        var c32 = c02;
        var c33 = c03;
        for (var end = terms + count; terms < end; terms++)
        {
            nint k = *terms;
            var row = b + k * bRow;
            var b0 = TLanes.Load(row);
            var b1 = TLanes.Load(row + TLanes.Count);
            var b2 = TLanes.Load(row + 2 * TLanes.Count);
            var b3 = TLanes.Load(row + 3 * TLanes.Count);
            var column = a + k;
            var a0 = TLanes.Broadcast(*column);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            c02 = TLanes.MultiplyAdd(a0, b2, c02);
            c03 = TLanes.MultiplyAdd(a0, b3, c03);
            var a1 = TLanes.Broadcast(column[aRow]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            c12 = TLanes.MultiplyAdd(a1, b2, c12);
            c13 = TLanes.MultiplyAdd(a1, b3, c13);
            var a2 = TLanes.Broadcast(column[2 * aRow]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            c22 = TLanes.MultiplyAdd(a2, b2, c22);
            c23 = TLanes.MultiplyAdd(a2, b3, c23);
            var a3 = TLanes.Broadcast(column[3 * aRow]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            c32 = TLanes.MultiplyAdd(a3, b2, c32);
            c33 = TLanes.MultiplyAdd(a3, b3, c33);
        }
        TLanes.Store(c00, c);
        TLanes.Store(c01, c + TLanes.Count);
        TLanes.Store(c02, c + 2 * TLanes.Count);
        TLanes.Store(c03, c + 3 * TLanes.Count);
        TLanes.Store(c10, c + cRow);
        TLanes.Store(c11, c + cRow + TLanes.Count);
        TLanes.Store(c12, c + cRow + 2 * TLanes.Count);
        TLanes.Store(c13, c + cRow + 3 * TLanes.Count);
        TLanes.Store(c20, c + 2 * cRow);
        TLanes.Store(c21, c + 2 * cRow + TLanes.Count);
        TLanes.Store(c22, c + 2 * cRow + 2 * TLanes.Count);
        TLanes.Store(c23, c + 2 * cRow + 3 * TLanes.Count);
        TLanes.Store(c30, c + 3 * cRow);
        TLanes.Store(c31, c + 3 * cRow + TLanes.Count);
        TLanes.Store(c32, c + 3 * cRow + 2 * TLanes.Count);
        TLanes.Store(c33, c + 3 * cRow + 3 * TLanes.Count);
    }

    [MethodImpl(Hot)]
    private static void Tile4x2(float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, float* bias, int* terms, int count)
    {
        var c00 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var c01 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + TLanes.Count);
        var c10 = c00;
        var c11 = c01;
        var c20 = c00;
        var c21 = c01;
        var c30 = c00;
        var c31 = c01;
        for (var end = terms + count; terms < end; terms++)
        {
            nint k = *terms;
            var b0 = TLanes.Load(b + k * bRow);
            var b1 = TLanes.Load(b + k * bRow + TLanes.Count);
            var column = a + k;
            var a0 = TLanes.Broadcast(*column);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            var a1 = TLanes.Broadcast(column[aRow]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            var a2 = TLanes.Broadcast(column[2 * aRow]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            var a3 = TLanes.Broadcast(column[3 * aRow]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
        }
        TLanes.Store(c00, c);
        TLanes.Store(c01, c + TLanes.Count);
        TLanes.Store(c10, c + cRow);
        TLanes.Store(c11, c + cRow + TLanes.Count);
        TLanes.Store(c20, c + 2 * cRow);
        TLanes.Store(c21, c + 2 * cRow + TLanes.Count);
        TLanes.Store(c30, c + 3 * cRow);
        TLanes.Store(c31, c + 3 * cRow + TLanes.Count);
    }
}
