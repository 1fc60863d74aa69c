namespace AkkaRL.Models.Losses;

/// <summary>Huber's loss of an error δ: ½δ² for |δ| ≤ 1, |δ| − ½ beyond; its derivative is δ clipped to [−1, 1].</summary>
/// <remarks>Source: P. Huber, "Robust Estimation of a Location Parameter" (1964); V. Mnih et al., "Human-level control" (2015), Methods (error clipping).</remarks>
public static class Huber
{
    /// <summary>The loss.</summary>
    public static float Loss(float error) => MathF.Abs(error) <= 1 ? 0.5f * error * error : MathF.Abs(error) - 0.5f;

    /// <summary>∂loss/∂δ. NaN stays NaN.</summary>
    public static float Derivative(float error) => Math.Clamp(error, -1, 1);
}
