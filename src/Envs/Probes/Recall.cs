namespace AkkaRL.Envs.Probes;

/// <summary>Recall-v0: see one of two cues, wait, and give the cue's number when asked. Only a policy with a memory can.</summary>
/// <remarks>
/// <para>Observation [3]: 1 for cue 0, 1 for cue 1, 1 when the answer is asked for; all zero while waiting. Action: 0 or 1, read only when
/// the answer is asked for. Reward 1 for the right answer, which terminates, and 0 for all else: a return is the part of the answers
/// that were right.</para>
/// <para>The cue stands in the first observation alone, then 3 to 8 blank ones follow, as often of either cue; the observation that asks is
/// always the same. So whatever a policy without memory answers, and however it draws, it is right in half of the episodes.</para>
/// <para>This env is AkkaRL's own: Gymnasium has no such env, so there is no recorded episode to compare it with.</para>
/// </remarks>
public sealed class Recall : IEnv
{
    /// <summary>The fewest and the most blank observations between cue and question.</summary>
    public const int ShortestDelay = 3, LongestDelay = 8;

    private const int Cues = 2, Question = 2;

    private readonly SeededEpisode episode = new("Recall");
    private int cue, stepsToQuestion;

    /// <inheritdoc/>
    public Space ObservationSpace { get; } = new Box(0, 1, Cues + 1);

    /// <inheritdoc/>
    public Space ActionSpace { get; } = new Discrete(Cues);

    /// <inheritdoc/>
    public void Reset(ulong? seed, Span<float> observation)
    {
        var random = episode.Begin(seed);
        cue = random.NextInteger(Cues);
        stepsToQuestion = 1 + ShortestDelay + random.NextInteger(LongestDelay - ShortestDelay + 1);
        observation.Clear();
        observation[cue] = 1;
    }

    /// <inheritdoc/>
    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        var answer = episode.ReadIndex(action, Cues);
        observation.Clear();
        if (stepsToQuestion == 0)
            return episode.End(answer == cue ? 1 : 0, terminated: true);
        if (--stepsToQuestion == 0)
            observation[Question] = 1;
        return episode.End(0, terminated: false);
    }

    /// <inheritdoc/>
    public bool CanCaptureState => true;

    /// <inheritdoc/>
    public void CaptureState(BinaryWriter writer)
    {
        episode.Capture(writer);
        writer.Write(cue);
        writer.Write(stepsToQuestion);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        episode.Restore(reader);
        cue = reader.ReadInt32();
        stepsToQuestion = reader.ReadInt32();
    }
}
