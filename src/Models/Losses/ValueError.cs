namespace AkkaRL.Models.Losses;

/// <summary>The squared error of a value function, ½(V − R)², optionally clipped around the value it had when it acted.</summary>
/// <remarks>
/// Clipped: ½ max((V − R)², (V_old + clip(V − V_old, −c, c) − R)²), as in the authors' code of PPO (S. Huang et al., "The 37 Implementation
/// Details of Proximal Policy Optimization" (2022), detail 9).
/// </remarks>
public static class ValueError
{
    /// <summary>L and ∂L/∂V.</summary>
    /// <param name="value">V(s) now.</param>
    /// <param name="target">R.</param>
    /// <param name="oldValue">V(s) of the network that acted.</param>
    /// <param name="clipRange">c; 0 for no clipping.</param>
    public static (float Loss, float Gradient) Compute(float value, float target, float oldValue, float clipRange)
    {
        var error = value - target;
        var clippedError = clipRange > 0 ? oldValue + Math.Clamp(value - oldValue, -clipRange, clipRange) - target : error;
        // Where the clipped error is the larger, V lies outside the range, and the clipped value does not move with it.
        return clippedError * clippedError > error * error
            ? (0.5f * clippedError * clippedError, 0)
            : (0.5f * error * error, error);
    }
}
