using System.Numerics.Tensors;

namespace AkkaRL.Models.Losses;

/// <summary>
/// The dueling decomposition: an output row [(1 + A) K] of a value and A advantages, Q(a) = V + A(a) − mean A, each of them K columns wide:
/// one for values, one an atom for distributions, whose logits Q(a) are then.
/// </summary>
/// <remarks>
/// Sources: Z. Wang et al., "Dueling Network Architectures for Deep Reinforcement Learning" (2016), eq. 9; M. Hessel et al., "Rainbow" (2018), section "The Integrated Agent".
/// </remarks>
public static class DuelingHead
{
    /// <summary>Writes V − mean A [K] of an output row [(1 + A) K]: what makes an action's advantage its Q.</summary>
    public static void Baseline(ReadOnlySpan<float> row, Span<float> baseline)
    {
        var (columns, actions) = (baseline.Length, row.Length / baseline.Length - 1);
        baseline.Clear();
        for (var action = 1; action <= actions; action++)
            TensorPrimitives.Add(baseline, row.Slice(action * columns, columns), baseline);
        TensorPrimitives.Multiply(baseline, -1f / actions, baseline);
        TensorPrimitives.Add(baseline, row[..columns], baseline);
    }

    /// <summary>Writes ∂L/∂row [(1 + A) K], given d = ∂L/∂Q(a) [K] of one action: ∂V = d, ∂A(i) = d ([i = a] − 1/A).</summary>
    public static void Differentiate(int action, ReadOnlySpan<float> derivative, Span<float> rowGradient)
    {
        var (columns, actions) = (derivative.Length, rowGradient.Length / derivative.Length - 1);
        derivative.CopyTo(rowGradient);
        for (var other = 0; other < actions; other++)
            TensorPrimitives.Multiply(derivative, (other == action ? 1f : 0f) - 1f / actions, rowGradient.Slice((1 + other) * columns, columns));
    }
}
