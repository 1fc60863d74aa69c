namespace AkkaRL.Models.Networks;

/// <summary>Folds a normalisation of the observations into a network's first layers.</summary>
public static class InputScaling
{
    /// <summary>
    /// Rewrites θ so that the network takes raw observations x as it took (x − μ) ⊙ s before: W ← diag(s) W, b ← b − Wᵀ(s ⊙ μ). The outputs
    /// stay the same, to rounding, so whoever acts with the new parameters needs no statistics.
    /// </summary>
    /// <param name="layout">Where the parameters live; a network of dense layers, with or without a memory.</param>
    /// <param name="mean">μ [O].</param>
    /// <param name="scale">s [O], such as 1 / σ.</param>
    /// <param name="parameters">θ [P]; overwritten.</param>
    public static void Fold(ParameterLayout layout, ReadOnlySpan<double> mean, ReadOnlySpan<double> scale, Span<float> parameters)
    {
        foreach (var tower in layout.Towers)
        {
            var first = tower[0];
            for (var column = 0; column < first.Outputs; column++)
            {
                var shift = 0.0;
                for (var input = 0; input < mean.Length; input++) // an LSTM's first layer has its own h for further inputs
                {
                    ref var weight = ref parameters[first.WeightOffset + input * first.Outputs + column];
                    var scaled = weight * scale[input];
                    shift += scaled * mean[input];
                    weight = (float)scaled;
                }
                parameters[first.BiasOffset + column] -= (float)shift;
            }
        }
    }
}
