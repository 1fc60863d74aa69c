namespace AkkaRL.Models.Replay;

/// <summary>Transitions sampled from a replay, and what one update adds to them on its way.</summary>
/// <param name="size">B.</param>
/// <param name="observationSize">O.</param>
/// <param name="actionSize">A.</param>
/// <param name="targetOutputs">K, the target network's outputs a row.</param>
/// <param name="maskSize">M, flags of an action mask; 0 where actions are not masked.</param>
public sealed class Minibatch(int size, int observationSize, int actionSize, int targetOutputs, int maskSize = 0)
    : TransitionBatch(size, observationSize, actionSize, maskSize)
{
    /// <summary>Where each row lies in the replay [B].</summary>
    public int[] Indices { get; } = new int[size];

    /// <summary>Importance weights [B], at most 1; all 1 from a uniform replay.</summary>
    public float[] Weights { get; } = new float[size];

    /// <summary>a′ [B, A] for the target network to judge; written by algorithms whose current policy chooses it.</summary>
    public float[] NextActions { get; } = new float[size * actionSize];

    /// <summary>log π(a′ | s′) [B]; beside <see cref="NextActions"/>.</summary>
    public float[] NextLogProbabilities { get; } = new float[size];

    /// <summary>What the target network says of s′ [B, K].</summary>
    public float[] TargetOutputs { get; } = new float[size * targetOutputs];

    /// <summary>|δ| [B], written by the update: the rows' next priorities.</summary>
    public float[] AbsoluteErrors { get; } = new float[size];
}
