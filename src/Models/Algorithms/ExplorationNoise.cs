using AkkaRL.Models.Randomness;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>How noise on a deterministic policy's actions goes on from step to step.</summary>
public enum NoiseKind
{
    /// <summary>Independent of the step before.</summary>
    Gaussian,

    /// <summary>Drifting, for envs with inertia.</summary>
    OrnsteinUhlenbeck,
}

/// <summary>
/// Noise x [A] on actions of −1 to 1. Gaussian: x ~ N(0, σ²). Ornstein-Uhlenbeck: x ← (1 − θ) x + σ N(0, 1), starting at 0 with each episode.
/// </summary>
/// <remarks>Source: G. Uhlenbeck and L. Ornstein, "On the Theory of the Brownian Motion" (1930), in steps of one; T. Lillicrap et al. (2016), section 7: θ = 0.15, σ = 0.2.</remarks>
/// <param name="kind">Which.</param>
/// <param name="scale">σ.</param>
/// <param name="reversion">θ.</param>
/// <param name="actionSize">A.</param>
public sealed class ExplorationNoise(NoiseKind kind, double scale, double reversion, int actionSize)
{
    private readonly float[] noise = new float[actionSize];

    /// <summary>An episode begins.</summary>
    public void Restart() => Array.Clear(noise);

    /// <summary>Shows x, for a snapshot.</summary>
    public void Visit(IStateVisitor state) => state.Visit("noise", noise);

    /// <summary>Draws the next noise, adds it to an action [A] and clips to [−1, 1].</summary>
    public void Disturb(Span<float> action, RandomStream random)
    {
        for (var i = 0; i < noise.Length; i++)
        {
            var fresh = (float)(scale * random.NextNormal());
            noise[i] = kind == NoiseKind.Gaussian ? fresh : (float)(1 - reversion) * noise[i] + fresh;
            action[i] = Math.Clamp(action[i] + noise[i], -1, 1);
        }
    }
}
