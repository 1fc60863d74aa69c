namespace AkkaRL.Models.Losses;

/// <summary>The dueling decomposition: an output row [1 + A] of a value and A advantages, Q(a) = V + A(a) − mean A.</summary>
/// <remarks>Source: Z. Wang et al., "Dueling Network Architectures for Deep Reinforcement Learning" (2016), eq. 9.</remarks>
public static class DuelingHead
{
    /// <summary>Writes Q [A] of an output row [1 + A].</summary>
    public static void Combine(ReadOnlySpan<float> row, Span<float> values)
    {
        var mean = 0f;
        foreach (var advantage in row[1..])
            mean += advantage;
        mean /= values.Length;
        for (var action = 0; action < values.Length; action++)
            values[action] = row[0] + row[1 + action] - mean;
    }

    /// <summary>Writes ∂L/∂row [1 + A], given ∂L/∂Q(a) of one action: ∂V = d, ∂A(i) = d ([i = a] − 1/A).</summary>
    public static void Differentiate(int action, float derivative, Span<float> rowGradient)
    {
        var advantages = rowGradient[1..];
        rowGradient[0] = derivative;
        advantages.Fill(-derivative / advantages.Length);
        advantages[action] += derivative;
    }
}
