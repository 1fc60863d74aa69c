namespace AkkaRL.Envs.Wrappers;

/// <summary>Guards an env that is not trusted: every exception of it, every observation or reward that is not finite,
/// every action mask that allows nothing, and every action taken against its mask becomes an <see cref="EnvFaultException"/>.</summary>
/// <remarks>An observation is NaN before each call, so that a component the env forgot to write is found.
/// Costs a few nanoseconds a step and allocates nothing.</remarks>
/// <param name="inner">The env to guard.</param>
/// <param name="name">What messages call it.</param>
public sealed class ValidatedEnv(IEnv inner, string name) : EnvWrapper(inner)
{
    private readonly Space observationSpace = inner.ObservationSpace;
    private readonly Space actionSpace = inner.ActionSpace;
    private readonly bool[] mask = new bool[inner.HasActionMask ? inner.ActionSpace.MaskSize : 0];
    private bool isMasked; // the mask is the present state's

    /// <inheritdoc/>
    public override void Reset(ulong? seed, Span<float> observation)
    {
        observation.Fill(float.NaN);
        isMasked = false;
        try
        {
            Inner.Reset(seed, observation);
        }
        catch (Exception exception)
        {
            throw Thrown(nameof(Reset), exception);
        }
        Check(observation, nameof(Reset));
    }

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        if (isMasked && actionSpace.Contains(action) && !actionSpace.IsAllowed(mask, action))
            throw new EnvFaultException(
                name, nameof(Step), $"the action [{string.Join(", ", action.ToArray())}] is not allowed in this state by the env's mask; take one that is.");
        isMasked = false;
        observation.Fill(float.NaN);
        StepResult result;
        try
        {
            result = Inner.Step(action, observation);
        }
        catch (Exception exception)
        {
            throw Thrown(nameof(Step), exception);
        }
        Check(observation, nameof(Step));
        // Learners keep rewards in single precision.
        return float.IsFinite((float)result.Reward)
            ? result
            : throw new EnvFaultException(name, nameof(Step), $"the reward is {result.Reward}; it must be finite{(double.IsFinite(result.Reward) ? $", and between {float.MinValue} and {float.MaxValue}" : "")}.");
    }

    /// <inheritdoc/>
    public override void WriteActionMask(Span<bool> allowed)
    {
        allowed.Clear();
        try
        {
            Inner.WriteActionMask(allowed);
        }
        catch (Exception exception)
        {
            throw Thrown(nameof(WriteActionMask), exception);
        }
        if (!actionSpace.IsLeftSomething(allowed))
            throw new EnvFaultException(name, nameof(WriteActionMask), actionSpace is MultiDiscrete
                ? "a component of the action has no value that is allowed; allow one of each, or let the step before terminate the episode."
                : "no action is allowed; allow one, or let the step before terminate the episode.");
        allowed.CopyTo(mask);
        isMasked = true;
    }

    /// <inheritdoc/>
    public override void CaptureState(BinaryWriter writer)
    {
        try
        {
            Inner.CaptureState(writer);
        }
        catch (Exception exception)
        {
            throw Thrown(nameof(CaptureState), exception);
        }
    }

    /// <inheritdoc/>
    public override void RestoreState(BinaryReader reader)
    {
        isMasked = false;
        try
        {
            Inner.RestoreState(reader);
        }
        catch (Exception exception)
        {
            throw Thrown(nameof(RestoreState), exception);
        }
    }

    private void Check(ReadOnlySpan<float> observation, string call)
    {
        for (var i = 0; i < observation.Length; i++)
            if (!float.IsFinite(observation[i]))
                throw new EnvFaultException(name, call, float.IsNaN(observation[i])
                    ? $"observation[{i}] was not written or is NaN; write all {observation.Length} floats, finite."
                    : $"observation[{i}] is {observation[i]}; it must be finite.");
        if (observationSpace is not Box && !observationSpace.Contains(observation))
            throw new EnvFaultException(
                name, call, $"the observation [{string.Join(", ", observation.ToArray())}] is not in {observationSpace}.");
    }

    private EnvFaultException Thrown(string call, Exception exception) =>
        exception as EnvFaultException ?? new(name, call, exception is IndexOutOfRangeException or ArgumentException
            ? $"{exception.Message} (the observation takes {observationSpace.Size} floats, the action {actionSpace.Size}{(mask.Length > 0 ? $", its mask {mask.Length} flags" : "")})."
            : exception.Message is [.., '.' or '!' or '?'] ? exception.Message : $"{exception.Message}.", exception);
}
