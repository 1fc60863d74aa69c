namespace AkkaRL.Models.Losses;

/// <summary>The terms of a policy's loss and what is measured beside them, summed over the rows of a minibatch.</summary>
public record struct LossSums
{
    /// <summary>Rows.</summary>
    public int Rows { get; set; }

    /// <summary>The policy loss.</summary>
    public double Policy { get; set; }

    /// <summary>½(R − V)².</summary>
    public double Value { get; set; }

    /// <summary>H(π), nats.</summary>
    public double Entropy { get; set; }

    /// <summary>KL(μ ‖ π) of the policy that acted from the one that learns, nats: exact, or estimated from the actions.</summary>
    public double Divergence { get; set; }

    /// <summary>Rows whose gradient the clipping cut off.</summary>
    public int Clipped { get; set; }

    /// <summary>w = π(a | s) / μ(a | s).</summary>
    public double Weight { get; set; }

    /// <summary>w².</summary>
    public double WeightSquare { get; set; }

    /// <summary>(Σ w)² / (n Σ w²), in (0, 1]: 1 when both policies are the same.</summary>
    public readonly double EffectiveSampleFraction => WeightSquare > 0 ? Weight * Weight / (Rows * WeightSquare) : 0;

    /// <summary>Counts other rows in.</summary>
    public void Add(in LossSums other)
    {
        Rows += other.Rows;
        Policy += other.Policy;
        Value += other.Value;
        Entropy += other.Entropy;
        Divergence += other.Divergence;
        Clipped += other.Clipped;
        Weight += other.Weight;
        WeightSquare += other.WeightSquare;
    }
}
