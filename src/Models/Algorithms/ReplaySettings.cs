using System.ComponentModel.DataAnnotations;

namespace AkkaRL.Models.Algorithms;

/// <summary>Hyperparameters that all algorithms of the replay shape have.</summary>
public abstract record ReplaySettings
{
    /// <summary>γ: discount a step.</summary>
    [Range(0.0, 1.0)]
    public double Gamma { get; init; } = 0.99;

    /// <summary>Learning rate at the first env step.</summary>
    [Range(0.0, 10.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Learning rate at the last env step, reached linearly.</summary>
    [Range(0.0, 10.0)]
    public double FinalLearningRate { get; init; } = 1e-3;

    /// <summary>B: transitions an update.</summary>
    [Range(1, 65_536)]
    public int BatchSize { get; init; } = 128;

    /// <summary>Transitions that the replay remembers.</summary>
    [Range(1, 100_000_000)]
    public int ReplayCapacity { get; init; } = 100_000;

    /// <summary>Env steps before the first update.</summary>
    [Range(1L, long.MaxValue)]
    public long LearningStarts { get; init; } = 1_000;

    /// <summary>Env steps, over all workers, between two rows of updates.</summary>
    [Range(1, 1_000_000)]
    public int TrainInterval { get; init; } = 1;

    /// <summary>Updates in a row.</summary>
    [Range(1, 1_000_000)]
    public int UpdatesPerInterval { get; init; } = 1;

    /// <summary>Updates between two of the target network's.</summary>
    [Range(1, 1_000_000_000)]
    public int TargetInterval { get; init; } = 1;

    /// <summary>τ: how far the target network goes towards the learner's parameters; 1 copies them (a hard update).</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TargetRate { get; init; } = 0.005;

    /// <summary>n: env steps a transition spans.</summary>
    [Range(1, 1_000)]
    public int NStep { get; init; } = 1;

    /// <summary>Whether transitions are replayed by their errors rather than evenly.</summary>
    public bool Prioritized { get; init; }

    /// <summary>α: how much errors decide; 0 is even.</summary>
    [Range(0.0, 10.0)]
    public double PriorityExponent { get; init; } = 0.6;

    /// <summary>β at the first env step: how much of the unevenness importance weights take back; 1, all, at the last.</summary>
    [Range(0.0, 1.0)]
    public double ImportanceExponent { get; init; } = 0.4;

    /// <summary>Global norm that each network's gradient is clipped to; 0 for no clipping.</summary>
    [Range(0.0, 1e9)]
    public double MaximumGradientNorm { get; init; } = 10;

    /// <summary>Factor on rewards as the learner sees them; reported returns stay raw.</summary>
    [Range(0.0, 1e9, MinimumIsExclusive = true)]
    public double RewardScale { get; init; } = 1;
}
