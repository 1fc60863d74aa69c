namespace AkkaRL.Envs;

/// <summary>Standard normal numbers by the ziggurat: 256 layers of equal area under exp(-x² / 2), so that 99 % of the draws cost one
/// multiplication.</summary>
/// <remarks>
/// Sources: G. Marsaglia and W. W. Tsang, "The Ziggurat Method for Generating Random Variables" (2000);
/// NumPy 1.24 <c>random_standard_normal</c> for the order in which random bits are used. The tables are computed here, as in the paper,
/// where NumPy has them as literals.
/// </remarks>
internal static class NormalZiggurat
{
    private const int Layers = 256;
    private const double Mantissa = 1L << 52;
    private const double TailStart = 3.6541528853610087963519472518; // r: where the lowest layer's tail begins
    private const double LayerArea = 0.0049286732339746519; // v: the area of each layer

    private static readonly ulong[] Inside = new ulong[Layers]; // below it, a draw lies under the curve for certain
    private static readonly double[] Width = new double[Layers]; // layer width / 2^52
    private static readonly double[] Height = new double[Layers]; // exp(-x² / 2) at the layer's outer edge

    static NormalZiggurat()
    {
        var edge = TailStart;
        var height = Math.Exp(-0.5 * edge * edge);
        (Width[^1], Height[^1]) = (edge / Mantissa, height);
        (Inside[0], Width[0], Height[0]) = ((ulong)(edge * height / LayerArea * Mantissa), LayerArea / height / Mantissa, 1.0);
        for (var i = Layers - 2; i > 0; i--)
        {
            var inner = Math.Sqrt(-2.0 * Math.Log(LayerArea / edge + Height[i + 1]));
            Inside[i + 1] = (ulong)(inner / edge * Mantissa);
            (Width[i], Height[i]) = (inner / Mantissa, Math.Exp(-0.5 * inner * inner));
            edge = inner;
        }
    }

    public static double Next(Pcg64 random)
    {
        while (true)
        {
            var bits = random.NextBits();
            var layer = (int)(bits & 0xff);
            var negative = (bits >> 8 & 1) != 0;
            var magnitude = bits >> 9 & 0x000fffffffffffff;
            var x = magnitude * Width[layer];
            if (magnitude < Inside[layer])
                return negative ? -x : x;
            if (layer == 0)
                return Tail(random, negative: (magnitude >> 8 & 1) != 0);
            var y = Height[layer] + (Height[layer - 1] - Height[layer]) * random.NextDouble();
            if (y < Math.Exp(-0.5 * x * x))
                return negative ? -x : x;
        }
    }

    // Beyond r, Marsaglia's rejection from an exponential.
    private static double Tail(Pcg64 random, bool negative)
    {
        while (true)
        {
            var x = -Math.Log(1.0 - random.NextDouble()) / TailStart;
            var y = -Math.Log(1.0 - random.NextDouble());
            if (y + y > x * x)
                return negative ? -(TailStart + x) : TailStart + x;
        }
    }
}
