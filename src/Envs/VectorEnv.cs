namespace AkkaRL.Envs;

/// <summary>N envs of the same spaces stepped in one call, one after the other. An env whose episode ends is reset in the same
/// call.</summary>
/// <remarks>
/// <para>Shapes: N envs, A floats an action, O floats an observation. Nothing is allocated in a step.</para>
/// <para>The semantics are Gymnasium 0.29's <c>SyncVectorEnv</c>: an ended episode's true last observation is kept beside the first one of
/// the next.</para>
/// </remarks>
public sealed class VectorEnv : IDisposable
{
    private readonly IEnv[] envs;

    /// <summary>Takes <paramref name="envs"/> over: at least one, all with the same spaces.</summary>
    /// <exception cref="ArgumentException">There is no env, or their spaces differ.</exception>
    public VectorEnv(IEnumerable<IEnv> envs)
    {
        this.envs = [.. envs];
        if (this.envs.Length == 0)
            throw new ArgumentException("A vector env needs at least one env.", nameof(envs));
        (ObservationSpace, ActionSpace) = (this.envs[0].ObservationSpace, this.envs[0].ActionSpace);
        if (!this.envs.All(env => env.ObservationSpace.Equals(ObservationSpace) && env.ActionSpace.Equals(ActionSpace)))
            throw new ArgumentException("The envs of a vector env must all have the same observation and action space.", nameof(envs));
    }

    /// <summary>N, the number of envs.</summary>
    public int Count => envs.Length;

    /// <summary>The observation space of each env; O is its size.</summary>
    public Space ObservationSpace { get; }

    /// <summary>The action space of each env; A is its size.</summary>
    public Space ActionSpace { get; }

    /// <summary>Begins an episode in every env.</summary>
    /// <param name="seeds">[N]: a seed for each env.</param>
    /// <param name="observations">[N, O]: receives the first observations.</param>
    public void Reset(ReadOnlySpan<ulong> seeds, Span<float> observations)
    {
        var size = ObservationSpace.Size;
        Require(seeds.Length, Count, nameof(seeds));
        Require(observations.Length, Count * size, nameof(observations));
        for (var i = 0; i < envs.Length; i++)
            envs[i].Reset(seeds[i], observations.Slice(i * size, size));
    }

    /// <summary>Advances every env by one step, and begins a new episode, with the random numbers running on, where one has
    /// ended.</summary>
    /// <param name="actions">[N, A]: the actions.</param>
    /// <param name="observations">[N, O]: receives the observations to act on next; where an episode has ended, the next one's
    /// first.</param>
    /// <param name="rewards">[N]: receives the rewards.</param>
    /// <param name="terminated">[N]: receives whether an episode has terminated.</param>
    /// <param name="truncated">[N]: receives whether an episode has been truncated.</param>
    /// <param name="finalObservations">[N, O]: receives the observations that the actions led to; where an episode has ended, its
    /// last.</param>
    public void Step(
        ReadOnlySpan<float> actions, Span<float> observations,
        Span<float> rewards, Span<bool> terminated, Span<bool> truncated, Span<float> finalObservations)
    {
        var (actionSize, size) = (ActionSpace.Size, ObservationSpace.Size);
        Require(actions.Length, Count * actionSize, nameof(actions));
        Require(observations.Length, Count * size, nameof(observations));
        Require(rewards.Length, Count, nameof(rewards));
        Require(terminated.Length, Count, nameof(terminated));
        Require(truncated.Length, Count, nameof(truncated));
        Require(finalObservations.Length, Count * size, nameof(finalObservations));
        for (var i = 0; i < envs.Length; i++)
        {
            var reached = finalObservations.Slice(i * size, size);
            var observation = observations.Slice(i * size, size);
            var result = envs[i].Step(actions.Slice(i * actionSize, actionSize), reached);
            (rewards[i], terminated[i], truncated[i]) = ((float)result.Reward, result.Terminated, result.Truncated);
            if (result.EpisodeEnded)
                envs[i].Reset(seed: null, observation);
            else
                reached.CopyTo(observation);
        }
    }

    /// <summary>Whether the envs say which actions their states allow.</summary>
    public bool HasActionMask => envs[0].HasActionMask;

    /// <summary>Says which actions the present state of every env allows.</summary>
    /// <param name="allowed">[N, M]: receives the flags, M of each env: <see cref="Space.MaskSize"/> of its actions.</param>
    public void WriteActionMasks(Span<bool> allowed)
    {
        var size = ActionSpace.MaskSize;
        Require(allowed.Length, Count * size, nameof(allowed));
        for (var i = 0; i < envs.Length; i++)
            envs[i].WriteActionMask(allowed.Slice(i * size, size));
    }

    /// <summary>Whether every env can be captured.</summary>
    public bool CanCaptureState => envs.All(env => env.CanCaptureState);

    /// <summary>Writes the state of every env, in order.</summary>
    public void CaptureState(BinaryWriter writer)
    {
        foreach (var env in envs)
            env.CaptureState(writer);
    }

    /// <summary>Reads what <see cref="CaptureState"/> wrote.</summary>
    public void RestoreState(BinaryReader reader)
    {
        foreach (var env in envs)
            env.RestoreState(reader);
    }

    /// <summary>Releases what the envs hold.</summary>
    public void Dispose()
    {
        foreach (var env in envs)
            env.Dispose();
    }

    private static void Require(int length, int wanted, string name)
    {
        if (length != wanted)
            throw new ArgumentException($"{name} has {length} elements; this vector env takes {wanted}.", name);
    }
}
