using System.Runtime.Intrinsics;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Fused;

/// <summary>Products that leave zeros out, beside the ones that do not.</summary>
public sealed unsafe class SparseProductTests
{
    private static readonly Kernels[] Widths =
        [new Kernels<Vector512<float>, Lanes512>(), new Kernels<Vector256<float>, Lanes256>(), new Kernels<Vector128<float>, Lanes128>()];

    /// <summary>Rows, columns and terms that fit no tile, and those that do; none, some and all of the rows' values zero.</summary>
    public static TheoryData<int, int, int, double> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int, int, double>();
            foreach (var (m, n, k) in ((int, int, int)[])[(1, 16, 64), (3, 48, 65), (4, 64, 64), (7, 80, 100), (64, 128, 256), (61, 160, 70)])
                foreach (var density in (double[])[0, 0.1, 0.5, 1])
                    shapes.Add(m, n, k, density);
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Leaving_out_terms_changes_no_bit(int m, int n, int k, double density)
    {
        foreach (var kernels in Widths)
        {
            var stride = kernels.Padded(k);
            using var memory = new AlignedMemory(m * stride + k * n + n + 2 * m * n + stride + 4 * 16 + 16);
            var random = new RandomStream(1);
            float* a = memory.Take(m * stride), b = memory.Take(k * n), bias = memory.Take(n), expected = memory.Take(m * n), actual = memory.Take(m * n);
            var list = (int*)memory.Take(stride + 16);
            for (var row = 0; row < m; row++)
                for (var i = 0; i < k; i++)
                    a[row * stride + i] = random.NextDouble() < density ? (float)random.NextNormal() : 0;
            Fill(b, k * n, random);
            Fill(bias, n, random);
            foreach (var added in (nint[])[0, (nint)bias])
            {
                kernels.Multiply(a, stride, 1, b, n, expected, n, (float*)added, m, n, k);
                kernels.MultiplySparse(a, stride, b, n, actual, n, (float*)added, m, n, k, list);
                Assert.Equal(Values(expected, m * n), Values(actual, m * n));
            }
        }
    }

    /// <summary>What is not a number must not turn into zero.</summary>
    [Fact]
    public void A_term_that_is_not_a_number_is_not_left_out()
    {
        foreach (var kernels in Widths)
        {
            using var memory = new AlignedMemory(4 * 64 + 64 * 16 + 4 * 16 + 80);
            float* a = memory.Take(4 * 64), b = memory.Take(64 * 16), c = memory.Take(4 * 16);
            var list = (int*)memory.Take(80);
            a[2 * 64 + 40] = float.NaN;
            kernels.MultiplySparse(a, 64, b, 16, c, 16, null, 4, 16, 64, list);
            for (var i = 0; i < 4 * 16; i++)
                Assert.Equal(i / 16 == 2, float.IsNaN(c[i]));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Leaving_out_columns_changes_no_more_than_the_last_digits(int k, int n, int m, double density)
    {
        foreach (var kernels in Widths)
        {
            var width = kernels.Padded(n);
            var scratchFloats = (int)Kernels.ScratchFloats(width, k);
            using var memory = new AlignedMemory(k * kernels.Padded(m) + k * width + 2 * m * width + scratchFloats + 5 * 16);
            var random = new RandomStream(2);
            float* a = memory.Take(k * m), b = memory.Take(k * width), expected = memory.Take(m * width), actual = memory.Take(m * width);
            var scratch = memory.Take(scratchFloats);
            Fill(a, k * m, random);
            for (var column = 0; column < width; column++)
                if (random.NextDouble() < density)
                    for (var row = 0; row < k; row++)
                        b[row * width + column] = random.NextDouble() < 0.5 ? (float)random.NextNormal() : -0f;
            Fill(actual, m * width, random);

            kernels.Multiply(a, 1, m, b, width, expected, width, null, m, width, k);
            kernels.MultiplySparseColumns(a, m, b, width, actual, width, m, width, k, scratch);

            for (var i = 0; i < m * width; i++)
                Assert.Equal(expected[i], actual[i], expected[i] == 0 ? 0 : 1e-5f);
        }
    }

    private static void Fill(float* values, int count, RandomStream random)
    {
        for (var i = 0; i < count; i++)
            values[i] = (float)random.NextNormal();
    }

    private static float[] Values(float* values, int count) => new ReadOnlySpan<float>(values, count).ToArray();
}
