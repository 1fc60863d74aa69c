using System.Runtime.Intrinsics;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;

namespace AkkaRL.Models.Tests.Fused;

/// <summary>The nonlinearities of the fused engine, element by element, against double precision.</summary>
public unsafe class ActivationKernelTests
{
    public static TheoryData<Activation, int> Cases
    {
        get
        {
            var cases = new TheoryData<Activation, int>();
            foreach (var activation in Enum.GetValues<Activation>())
                foreach (var bits in new[] { 512, 256, 128 })
                    cases.Add(activation, bits);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_are_those_of_the_function_over_the_whole_number_line(Activation activation, int bits)
    {
        var inputs = NumberLine();
        var (values, _) = Run(activation, bits, inputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            var expected = Value(activation, inputs[i]);
            if (!(Math.Abs(values[i] - expected) <= 4e-7 * Math.Max(1, Math.Abs(expected)) || expected.Equals(values[i])))
                Assert.Fail($"{activation}({inputs[i]:R}) is {values[i]:R}, expected {expected:R}.");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Slopes_are_those_of_the_function_over_the_whole_number_line(Activation activation, int bits)
    {
        var inputs = NumberLine().Where(float.IsFinite).ToArray();
        var (_, slopes) = Run(activation, bits, inputs);
        for (var i = 0; i < inputs.Length; i++)
            if (!(Math.Abs(slopes[i] - Slope(activation, inputs[i])) <= 2e-6))
                Assert.Fail($"{activation}'({inputs[i]:R}) is {slopes[i]:R}, expected {Slope(activation, inputs[i]):R}.");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Not_a_number_stays_not_a_number_and_zero_stays_zero(Activation activation, int bits)
    {
        var (values, _) = Run(activation, bits, [float.NaN, -float.NaN, 0f, -0f, 1f]);
        Assert.True(float.IsNaN(values[0]) && float.IsNaN(values[1]), "NaN became a number.");
        Assert.Equal(0f, values[2]); // padding columns count on it
        Assert.Equal(0f, values[3]);
        Assert.False(float.IsNaN(values[4]));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(256)]
    [InlineData(128)]
    public void Tanh_never_leaves_its_range_and_is_odd(int bits)
    {
        var inputs = NumberLine();
        var (values, _) = Run(Activation.Tanh, bits, inputs);
        var (mirrored, _) = Run(Activation.Tanh, bits, [.. inputs.Select(x => -x)]);
        Assert.InRange(values.Max(Math.Abs), 1 - 4e-7f, 1f);
        Assert.Equal(values, mirrored.Select(value => -value).ToArray());
        var (ends, _) = Run(Activation.Tanh, bits, [float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue]);
        Assert.All(ends, value => Assert.InRange(Math.Abs(value), 1 - 4e-7f, 1f));
    }

    /// <summary>Every magnitude from the smallest subnormal to infinity, both signs; densely between 1e-3 and 20.</summary>
    private static float[] NumberLine()
    {
        var positive = new List<float> { 0f, float.Epsilon, float.PositiveInfinity };
        for (var pattern = 1u; pattern < 0x7F800000u; pattern += 65_521)
            positive.Add(BitConverter.UInt32BitsToSingle(pattern));
        for (var x = 1e-3f; x < 20; x += 1.1e-3f)
            positive.Add(x);
        return [.. positive, .. positive.Select(x => -x)];
    }

    /// <summary>f(x) and f′(x) as a network's forward and backward pass have them.</summary>
    private static (float[] Values, float[] Slopes) Run(Activation activation, int bits, float[] inputs)
    {
        Kernels kernels = bits switch
        {
            512 => new Kernels<Vector512<float>, Lanes512>(),
            256 => new Kernels<Vector256<float>, Lanes256>(),
            _ => new Kernels<Vector128<float>, Lanes128>(),
        };
        var count = kernels.Padded(inputs.Length);
        using var memory = new AlignedMemory(4 * count + 64);
        var y = memory.Take(count);
        var preactivations = memory.Take(count);
        var slopes = memory.Take(count);
        inputs.CopyTo(new Span<float>(y, inputs.Length));
        new Span<float>(slopes, count).Fill(1);
        kernels.Activate(activation, y, preactivations, count);
        kernels.Differentiate(activation, y, preactivations, slopes, count);
        return (new Span<float>(y, inputs.Length).ToArray(), new Span<float>(slopes, inputs.Length).ToArray());
    }

    private static double Value(Activation activation, double x) => activation switch
    {
        Activation.Tanh => Math.Tanh(x),
        Activation.ReLU => Math.Max(x, 0),
        Activation.ELU => x > 0 ? x : Math.Exp(x) - 1,
        _ => double.IsNegativeInfinity(x) ? double.NaN : x / (1 + Math.Exp(-x)),
    };

    private static double Slope(Activation activation, double x)
    {
        var sigmoid = 1 / (1 + Math.Exp(-x));
        return activation switch
        {
            Activation.Tanh => 1 - Math.Tanh(x) * Math.Tanh(x),
            Activation.ReLU => x > 0 ? 1 : 0,
            Activation.ELU => x > 0 ? 1 : Math.Exp(x),
            _ => sigmoid + (x < -700 ? 0 : x * sigmoid * (1 - sigmoid)),
        };
    }
}
