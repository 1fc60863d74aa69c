namespace AkkaRL.Models.Losses;

/// <summary>Mean and scale that bring the advantages of a minibatch to mean 0 and standard deviation 1: (A − mean) · scale.</summary>
/// <param name="Mean">Mean of the advantages.</param>
/// <param name="Scale">1 / (σ + 1e-8), σ with n − 1 in the denominator.</param>
public readonly record struct AdvantageNormalization(float Mean, float Scale)
{
    /// <summary>Leaves advantages as they are.</summary>
    public static AdvantageNormalization None => new(0, 1);

    /// <summary>The normalised advantage.</summary>
    public float Apply(float advantage) => (advantage - Mean) * Scale;

    /// <summary>Measures the advantages of these rows; one row alone is left as it is, for it has no spread.</summary>
    public static AdvantageNormalization Of(ReadOnlySpan<float> advantages, ReadOnlySpan<int> rows)
    {
        if (rows.Length < 2)
            return None;
        var mean = 0.0;
        foreach (var row in rows)
            mean += advantages[row];
        mean /= rows.Length;
        var squares = 0.0;
        foreach (var row in rows)
            squares += (advantages[row] - mean) * (advantages[row] - mean);
        return new((float)mean, (float)(1 / (Math.Sqrt(squares / (rows.Length - 1)) + 1e-8)));
    }
}
