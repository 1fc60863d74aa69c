namespace AkkaRL.Envs.Wrappers;

/// <summary>An env around another: forwards every call, for a wrapper to change those it is about.</summary>
/// <remarks>A wrapper with state of its own captures the inner env's first, then its own.</remarks>
public abstract class EnvWrapper(IEnv inner) : IEnv
{
    /// <summary>The env inside.</summary>
    public IEnv Inner => inner;

    /// <inheritdoc/>
    public virtual Space ObservationSpace => inner.ObservationSpace;

    /// <inheritdoc/>
    public virtual Space ActionSpace => inner.ActionSpace;

    /// <inheritdoc/>
    public virtual void Reset(ulong? seed, Span<float> observation) => inner.Reset(seed, observation);

    /// <inheritdoc/>
    public virtual StepResult Step(ReadOnlySpan<float> action, Span<float> observation) => inner.Step(action, observation);

    /// <inheritdoc/>
    public virtual bool HasActionMask => inner.HasActionMask;

    /// <inheritdoc/>
    public virtual void WriteActionMask(Span<bool> allowed) => inner.WriteActionMask(allowed);

    /// <inheritdoc/>
    public bool CanCaptureState => inner.CanCaptureState;

    /// <inheritdoc/>
    public virtual void CaptureState(BinaryWriter writer) => inner.CaptureState(writer);

    /// <inheritdoc/>
    public virtual void RestoreState(BinaryReader reader) => inner.RestoreState(reader);

    /// <summary>Releases what the inner env holds.</summary>
    public void Dispose()
    {
        inner.Dispose();
        GC.SuppressFinalize(this);
    }
}
