using System.Runtime.CompilerServices;

namespace AkkaRL.Models.Networks.Fused;

/// <summary>
/// The register tiles of <see cref="Kernels.Multiply"/>: rows x vectors of C held in registers while k runs.
/// Written out because the compiler keeps no array in registers.
/// </summary>
/// <remarks>
/// Small tiles split k over two or four sets of accumulators: with few of them, the latency of the multiply-add is what limits.
/// </remarks>
internal static unsafe class Tiles<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, ILanes<TVector>
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Hot)]
    public static void Tile6x4(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float* bias, int k)
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
        var c40 = c00;
        var c41 = c01;
        var c42 = c02;
        var c43 = c03;
        var c50 = c00;
        var c51 = c01;
        var c52 = c02;
        var c53 = c03;
        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var b2 = TLanes.Load(b + 2 * TLanes.Count);
            var b3 = TLanes.Load(b + 3 * TLanes.Count);
            var a0 = TLanes.Broadcast(*a);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            c02 = TLanes.MultiplyAdd(a0, b2, c02);
            c03 = TLanes.MultiplyAdd(a0, b3, c03);
            var a1 = TLanes.Broadcast(a[aRow]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            c12 = TLanes.MultiplyAdd(a1, b2, c12);
            c13 = TLanes.MultiplyAdd(a1, b3, c13);
            var a2 = TLanes.Broadcast(a[2 * aRow]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            c22 = TLanes.MultiplyAdd(a2, b2, c22);
            c23 = TLanes.MultiplyAdd(a2, b3, c23);
            var a3 = TLanes.Broadcast(a[3 * aRow]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            c32 = TLanes.MultiplyAdd(a3, b2, c32);
            c33 = TLanes.MultiplyAdd(a3, b3, c33);
            var a4 = TLanes.Broadcast(a[4 * aRow]);
            c40 = TLanes.MultiplyAdd(a4, b0, c40);
            c41 = TLanes.MultiplyAdd(a4, b1, c41);
            c42 = TLanes.MultiplyAdd(a4, b2, c42);
            c43 = TLanes.MultiplyAdd(a4, b3, c43);
            var a5 = TLanes.Broadcast(a[5 * aRow]);
            c50 = TLanes.MultiplyAdd(a5, b0, c50);
            c51 = TLanes.MultiplyAdd(a5, b1, c51);
            c52 = TLanes.MultiplyAdd(a5, b2, c52);
            c53 = TLanes.MultiplyAdd(a5, b3, c53);
            a += aColumn;
            b += bRow;
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
        TLanes.Store(c40, c + 4 * cRow);
        TLanes.Store(c41, c + 4 * cRow + TLanes.Count);
        TLanes.Store(c42, c + 4 * cRow + 2 * TLanes.Count);
        TLanes.Store(c43, c + 4 * cRow + 3 * TLanes.Count);
        TLanes.Store(c50, c + 5 * cRow);
        TLanes.Store(c51, c + 5 * cRow + TLanes.Count);
        TLanes.Store(c52, c + 5 * cRow + 2 * TLanes.Count);
        TLanes.Store(c53, c + 5 * cRow + 3 * TLanes.Count);
    }

    [MethodImpl(Hot)]
    public static void Tile4x4(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float* bias, int k)
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
        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var b2 = TLanes.Load(b + 2 * TLanes.Count);
            var b3 = TLanes.Load(b + 3 * TLanes.Count);
            var a0 = TLanes.Broadcast(*a);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            c02 = TLanes.MultiplyAdd(a0, b2, c02);
            c03 = TLanes.MultiplyAdd(a0, b3, c03);
            var a1 = TLanes.Broadcast(a[aRow]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            c12 = TLanes.MultiplyAdd(a1, b2, c12);
            c13 = TLanes.MultiplyAdd(a1, b3, c13);
            var a2 = TLanes.Broadcast(a[2 * aRow]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            c22 = TLanes.MultiplyAdd(a2, b2, c22);
            c23 = TLanes.MultiplyAdd(a2, b3, c23);
            var a3 = TLanes.Broadcast(a[3 * aRow]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            c32 = TLanes.MultiplyAdd(a3, b2, c32);
            c33 = TLanes.MultiplyAdd(a3, b3, c33);
            a += aColumn;
            b += bRow;
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
    public static void Tile1x4(float* a, nint aColumn, float* b, nint bRow, float* c, float* bias, int k)
    {
        var c0 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var c1 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + TLanes.Count);
        var c2 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + 2 * TLanes.Count);
        var c3 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + 3 * TLanes.Count);
        var d0 = TLanes.Broadcast(0);
        var d1 = TLanes.Broadcast(0);
        var d2 = TLanes.Broadcast(0);
        var d3 = TLanes.Broadcast(0);
        for (; k > 1; k -= 2)
        {
            var a0 = TLanes.Broadcast(*a);
            var a1 = TLanes.Broadcast(a[aColumn]);
            c0 = TLanes.MultiplyAdd(a0, TLanes.Load(b), c0);
            d0 = TLanes.MultiplyAdd(a1, TLanes.Load(b + bRow), d0);
            c1 = TLanes.MultiplyAdd(a0, TLanes.Load(b + TLanes.Count), c1);
            d1 = TLanes.MultiplyAdd(a1, TLanes.Load(b + bRow + TLanes.Count), d1);
            c2 = TLanes.MultiplyAdd(a0, TLanes.Load(b + 2 * TLanes.Count), c2);
            d2 = TLanes.MultiplyAdd(a1, TLanes.Load(b + bRow + 2 * TLanes.Count), d2);
            c3 = TLanes.MultiplyAdd(a0, TLanes.Load(b + 3 * TLanes.Count), c3);
            d3 = TLanes.MultiplyAdd(a1, TLanes.Load(b + bRow + 3 * TLanes.Count), d3);
            a += 2 * aColumn;
            b += 2 * bRow;
        }
        if (k == 1)
        {
            var a0 = TLanes.Broadcast(*a);
            c0 = TLanes.MultiplyAdd(a0, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(a0, TLanes.Load(b + TLanes.Count), c1);
            c2 = TLanes.MultiplyAdd(a0, TLanes.Load(b + 2 * TLanes.Count), c2);
            c3 = TLanes.MultiplyAdd(a0, TLanes.Load(b + 3 * TLanes.Count), c3);
        }
        TLanes.Store(TLanes.Add(c0, d0), c);
        TLanes.Store(TLanes.Add(c1, d1), c + TLanes.Count);
        TLanes.Store(TLanes.Add(c2, d2), c + 2 * TLanes.Count);
        TLanes.Store(TLanes.Add(c3, d3), c + 3 * TLanes.Count);
    }

    [MethodImpl(Hot)]
    public static void Tile4x2(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float* bias, int k)
    {
        var c00 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var c01 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + TLanes.Count);
        var c10 = c00;
        var c11 = c01;
        var c20 = c00;
        var c21 = c01;
        var c30 = c00;
        var c31 = c01;
        for (; k > 0; k--)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var a0 = TLanes.Broadcast(*a);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            var a1 = TLanes.Broadcast(a[aRow]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            var a2 = TLanes.Broadcast(a[2 * aRow]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            var a3 = TLanes.Broadcast(a[3 * aRow]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            a += aColumn;
            b += bRow;
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

    [MethodImpl(Hot)]
    public static void Tile1x2(float* a, nint aColumn, float* b, nint bRow, float* c, float* bias, int k)
    {
        var c0 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var c1 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias + TLanes.Count);
        var d0 = TLanes.Broadcast(0);
        var d1 = TLanes.Broadcast(0);
        for (; k > 1; k -= 2)
        {
            var a0 = TLanes.Broadcast(*a);
            var a1 = TLanes.Broadcast(a[aColumn]);
            c0 = TLanes.MultiplyAdd(a0, TLanes.Load(b), c0);
            d0 = TLanes.MultiplyAdd(a1, TLanes.Load(b + bRow), d0);
            c1 = TLanes.MultiplyAdd(a0, TLanes.Load(b + TLanes.Count), c1);
            d1 = TLanes.MultiplyAdd(a1, TLanes.Load(b + bRow + TLanes.Count), d1);
            a += 2 * aColumn;
            b += 2 * bRow;
        }
        if (k == 1)
        {
            var a0 = TLanes.Broadcast(*a);
            c0 = TLanes.MultiplyAdd(a0, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(a0, TLanes.Load(b + TLanes.Count), c1);
        }
        TLanes.Store(TLanes.Add(c0, d0), c);
        TLanes.Store(TLanes.Add(c1, d1), c + TLanes.Count);
    }

    [MethodImpl(Hot)]
    public static void Tile4x1(float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float* bias, int k)
    {
        var c00 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var c10 = c00;
        var c20 = c00;
        var c30 = c00;
        var d00 = TLanes.Broadcast(0);
        var d10 = d00;
        var d20 = d00;
        var d30 = d00;
        for (; k > 1; k -= 2)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + bRow);
            var next = a + aColumn;
            c00 = TLanes.MultiplyAdd(TLanes.Broadcast(*a), b0, c00);
            d00 = TLanes.MultiplyAdd(TLanes.Broadcast(*next), b1, d00);
            c10 = TLanes.MultiplyAdd(TLanes.Broadcast(a[aRow]), b0, c10);
            d10 = TLanes.MultiplyAdd(TLanes.Broadcast(next[aRow]), b1, d10);
            c20 = TLanes.MultiplyAdd(TLanes.Broadcast(a[2 * aRow]), b0, c20);
            d20 = TLanes.MultiplyAdd(TLanes.Broadcast(next[2 * aRow]), b1, d20);
            c30 = TLanes.MultiplyAdd(TLanes.Broadcast(a[3 * aRow]), b0, c30);
            d30 = TLanes.MultiplyAdd(TLanes.Broadcast(next[3 * aRow]), b1, d30);
            a += 2 * aColumn;
            b += 2 * bRow;
        }
        if (k == 1)
        {
            var b0 = TLanes.Load(b);
            c00 = TLanes.MultiplyAdd(TLanes.Broadcast(*a), b0, c00);
            c10 = TLanes.MultiplyAdd(TLanes.Broadcast(a[aRow]), b0, c10);
            c20 = TLanes.MultiplyAdd(TLanes.Broadcast(a[2 * aRow]), b0, c20);
            c30 = TLanes.MultiplyAdd(TLanes.Broadcast(a[3 * aRow]), b0, c30);
        }
        TLanes.Store(TLanes.Add(c00, d00), c);
        TLanes.Store(TLanes.Add(c10, d10), c + cRow);
        TLanes.Store(TLanes.Add(c20, d20), c + 2 * cRow);
        TLanes.Store(TLanes.Add(c30, d30), c + 3 * cRow);
    }

    [MethodImpl(Hot)]
    public static void Tile1x1(float* a, nint aColumn, float* b, nint bRow, float* c, float* bias, int k)
    {
        var c0 = bias == null ? TLanes.Broadcast(0) : TLanes.Load(bias);
        var d0 = TLanes.Broadcast(0);
        var e0 = TLanes.Broadcast(0);
        var f0 = TLanes.Broadcast(0);
        for (; k > 3; k -= 4)
        {
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(*a), TLanes.Load(b), c0);
            d0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[aColumn]), TLanes.Load(b + bRow), d0);
            e0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[2 * aColumn]), TLanes.Load(b + 2 * bRow), e0);
            f0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[3 * aColumn]), TLanes.Load(b + 3 * bRow), f0);
            a += 4 * aColumn;
            b += 4 * bRow;
        }
        for (; k > 0; k--)
        {
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(*a), TLanes.Load(b), c0);
            a += aColumn;
            b += bRow;
        }
        TLanes.Store(TLanes.Add(TLanes.Add(c0, d0), TLanes.Add(e0, f0)), c);
    }
}
