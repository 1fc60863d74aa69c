namespace AkkaRL.Envs;

/// <summary>What one env step returned besides its observation.</summary>
/// <param name="Reward">The reward of this step.</param>
/// <param name="Terminated">The MDP ended: the value of what follows is zero, no bootstrap.</param>
/// <param name="Truncated">The episode was cut off by a limit outside the MDP: bootstrap from the final observation.</param>
public readonly record struct StepResult(double Reward, bool Terminated, bool Truncated)
{
    /// <summary>Whether the episode is over, for either reason; the next call must be a reset.</summary>
    public bool EpisodeEnded => Terminated || Truncated;
}
