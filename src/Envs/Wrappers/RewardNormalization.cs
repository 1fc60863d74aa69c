namespace AkkaRL.Envs.Wrappers;

/// <summary>Divides rewards by the standard deviation of the discounted return, and clips them. The mean stays: a reward keeps its
/// sign.</summary>
/// <remarks>
/// <para>R ← γ R + r, counted into the statistics; r ← r / √(Var(R) + 1e-8).</para>
/// <para>Sources: Gymnasium 0.29 <c>NormalizeReward</c>; the clipping is stable-baselines3's <c>VecNormalize</c>, and so is the one
/// difference from Gymnasium: R starts from 0 with each episode, where Gymnasium forgets R on the terminating step itself and carries
/// that step's reward, or after a truncation everything, into the next episode.</para>
/// </remarks>
public sealed class RewardNormalization : EnvWrapper
{
    private readonly double gamma, clip;
    private double discountedReturn;

    /// <summary>Normalises <paramref name="inner"/>'s rewards.</summary>
    /// <param name="inner">The env.</param>
    /// <param name="gamma">The discount γ of the return, from 0 to 1.</param>
    /// <param name="moments">The statistics of the return, of one component, to share them; null for new ones.</param>
    /// <param name="clip">The largest magnitude of a normalised reward; infinity for no clipping.</param>
    /// <exception cref="ArgumentException">The discount is out of range, or the moments have more than one component.</exception>
    public RewardNormalization(IEnv inner, double gamma = 0.99, RunningMoments? moments = null, double clip = 10) : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gamma);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(gamma, 1);
        (this.gamma, this.clip) = (gamma, clip);
        Moments = moments ?? new RunningMoments(1);
        if (Moments.Size != 1)
            throw new ArgumentException($"The moments of a return have one component, not {Moments.Size}.", nameof(moments));
    }

    /// <summary>The statistics of the discounted return.</summary>
    public RunningMoments Moments { get; }

    /// <summary>Whether returns are counted into the statistics; false for evaluation.</summary>
    public bool Updates { get; set; } = true;

    /// <summary>The inner env's reward of the last step: episode statistics are about it.</summary>
    public double RawReward { get; private set; }

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        Inner.Reset(seed, observation);
        discountedReturn = 0;
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var result = Inner.Step(action, observation);
        RawReward = result.Reward;
        discountedReturn = gamma * discountedReturn + result.Reward;
        if (Updates)
            Moments.Update(discountedReturn);
        return result with { Reward = Math.Clamp(result.Reward * Moments.InverseDeviation(0), -clip, clip) };
    }

    /// <inheritdoc/>
    public override void CaptureState(BinaryWriter writer)
    {
        base.CaptureState(writer);
        Moments.Capture(writer);
        writer.Write(discountedReturn);
    }

    /// <inheritdoc/>
    public override void RestoreState(BinaryReader reader)
    {
        base.RestoreState(reader);
        Moments.Restore(reader);
        discountedReturn = reader.ReadDouble();
    }
}
