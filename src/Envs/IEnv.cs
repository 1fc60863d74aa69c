namespace AkkaRL.Envs;

/// <summary>
/// A reinforcement-learning environment with Gymnasium's semantics: one agent, episodes, flat float observations and actions.
/// </summary>
/// <remarks>
/// <para>Observations are written into, and actions read from, spans that the caller owns: a step allocates nothing.
/// A <see cref="Discrete"/> value takes one float (the index), a <see cref="Box"/> or <see cref="MultiDiscrete"/> value one float a component.</para>
/// <para>An env belongs to one thread at a time and needs no locks. It may throw: the worker that owns it is restarted and the open rollout is lost.</para>
/// <para>Source of the semantics: Gymnasium 0.29, <c>gymnasium.Env</c>.</para>
/// </remarks>
public interface IEnv : IDisposable
{
    /// <summary>Which observations <see cref="Reset"/> and <see cref="Step"/> write.</summary>
    Space ObservationSpace { get; }

    /// <summary>Which actions <see cref="Step"/> reads.</summary>
    Space ActionSpace { get; }

    /// <summary>Begins an episode.</summary>
    /// <param name="seed">Restarts the env's random numbers; null lets them run on. The first reset of an env's life needs a seed.</param>
    /// <param name="observation">Receives the first observation; <c>ObservationSpace.Size</c> floats.</param>
    void Reset(ulong? seed, Span<float> observation);

    /// <summary>Advances the episode by one env step.</summary>
    /// <param name="action">The action; <c>ActionSpace.Size</c> floats.</param>
    /// <param name="observation">Receives the next observation; <c>ObservationSpace.Size</c> floats.</param>
    StepResult Step(ReadOnlySpan<float> action, Span<float> observation);

    /// <summary>Whether <see cref="WriteActionMask"/> says which actions a state allows; the same for all of the env's life.</summary>
    bool HasActionMask => false;

    /// <summary>Says which actions the present state allows: none of the others is taken. It is asked after a reset and after a step that did not
    /// terminate, perhaps more than once, and changes nothing.</summary>
    /// <param name="allowed">Receives a flag for each action, all of them false before; <c>ActionSpace.MaskSize</c> flags, of a
    /// <see cref="MultiDiscrete"/> those of one component after the other. At least one (of each component) must be true.</param>
    /// <exception cref="NotSupportedException">The env has no mask; see <see cref="HasActionMask"/>.</exception>
    void WriteActionMask(Span<bool> allowed) => throw new NotSupportedException(
        $"{GetType().Name} says that it has an action mask, but does not write it. Implement WriteActionMask, or let HasActionMask be false.");

    /// <summary>Whether <see cref="CaptureState"/> and <see cref="RestoreState"/> are supported, so that a run can be resumed exactly.</summary>
    bool CanCaptureState => false;

    /// <summary>Writes everything that the rest of the episode and all later ones depend on, random numbers included.</summary>
    /// <exception cref="NotSupportedException">The env does not support it; see <see cref="CanCaptureState"/>.</exception>
    void CaptureState(BinaryWriter writer) =>
        throw new NotSupportedException($"{GetType().Name} does not capture its state. Implement CanCaptureState, CaptureState and RestoreState to resume it exactly.");

    /// <summary>Reads what <see cref="CaptureState"/> wrote; the env then goes on as the captured one would have.</summary>
    /// <exception cref="NotSupportedException">The env does not support it; see <see cref="CanCaptureState"/>.</exception>
    void RestoreState(BinaryReader reader) =>
        throw new NotSupportedException($"{GetType().Name} does not restore its state. Implement CanCaptureState, CaptureState and RestoreState to resume it exactly.");

    /// <summary>Releases what the env holds; most hold nothing.</summary>
    void IDisposable.Dispose() => GC.SuppressFinalize(this);
}
