namespace AkkaRL.Envs.Tabular;

/// <summary>Runs episodes on a <see cref="TabularMdp"/>, so that what is learnt by stepping and what is computed from the table are about
/// the same MDP.</summary>
/// <remarks>Observation: the state's number. Random numbers are used as Gymnasium's toy-text envs use them: one a reset, one a
/// step.</remarks>
public sealed class TabularEnv(TabularMdp mdp) : IEnv
{
    private readonly SeededEpisode episode = new(mdp.Name);
    private int state;

    /// <summary>The MDP that the env steps on; it may be shared by many envs.</summary>
    public TabularMdp Mdp => mdp;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Discrete(mdp.States);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(mdp.Actions);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        state = mdp.SampleInitial(episode.Begin(seed));
        observation[0] = state;
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var index = episode.ReadIndex(action, mdp.Actions);
        ref readonly var outcome = ref mdp.Sample(state, index, episode.Random);
        state = outcome.NextState;
        observation[0] = state;
        return episode.End(outcome.Reward, outcome.Terminated);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(state);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        state = reader.ReadInt32();
    }
}
