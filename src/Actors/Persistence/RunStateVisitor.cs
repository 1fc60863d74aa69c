using AkkaRL.Models.State;

namespace AkkaRL.Actors.Persistence;

/// <summary>Writes what it is shown into a <see cref="RunState"/>, or puts it back from there; vectors are copied once.</summary>
/// <param name="state">The captured state.</param>
/// <param name="isRestoring">Whether it is read.</param>
/// <param name="prefix">Goes before every name, so that two objects may use the same.</param>
public sealed class RunStateVisitor(RunState state, bool isRestoring, string prefix = "") : IStateVisitor
{
    /// <inheritdoc/>
    public bool IsRestoring => isRestoring;

    /// <inheritdoc/>
    public void Visit(string name, Span<float> vector)
    {
        if (isRestoring)
            state.Read(prefix + name, vector);
        else
            state.Write(prefix + name, vector);
    }

    /// <inheritdoc/>
    public void Visit(string name, Span<float> rows, in RingExtent ring)
    {
        if (isRestoring)
            state.Read(prefix + name, rows);
        else
            state.Write(prefix + name, rows, ring);
    }

    /// <inheritdoc/>
    public void Visit(string name, ref long number)
    {
        if (isRestoring)
            number = state.Whole(prefix + name);
        else
            state.Write(prefix + name, number);
    }

    /// <inheritdoc/>
    public void Visit(string name, ref double number)
    {
        if (isRestoring)
            number = state.Real(prefix + name);
        else
            state.Write(prefix + name, number);
    }
}
