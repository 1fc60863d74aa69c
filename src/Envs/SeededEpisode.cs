using System.Diagnostics.CodeAnalysis;

namespace AkkaRL.Envs;

/// <summary>What every built-in env keeps besides its physics: the random numbers, whether an episode is open, and the checks of each
/// call.</summary>
/// <param name="env">The env's name, for messages.</param>
internal sealed class SeededEpisode(string env)
{
    private Pcg64? random;
    private bool open;

    /// <summary>The env's random numbers; an episode is open.</summary>
    public Pcg64 Random => random!;

    /// <summary>Opens an episode; the first of an env's life needs a seed.</summary>
    public Pcg64 Begin(ulong? seed)
    {
        if (seed is { } value)
            random = new Pcg64(value);
        open = random is not null;
        return random ?? throw new InvalidOperationException($"{env} has no random numbers yet: give its first Reset a seed.");
    }

    /// <summary>The index in <paramref name="action"/>, checked against <c>Discrete(count)</c>; an episode must be open.</summary>
    public int ReadIndex(ReadOnlySpan<float> action, int count)
    {
        if (!open)
            ThrowNotOpen();
        if (action.Length == 1)
        {
            var index = (int)action[0];
            if ((uint)index < (uint)count && index == action[0])
                return index;
        }
        ThrowInvalid(action, $"one integer from 0 to {count - 1}");
        return 0;
    }

    /// <summary>The index of one component of <paramref name="action"/>, checked against <paramref name="space"/>; an episode must be
    /// open.</summary>
    public int ReadIndex(ReadOnlySpan<float> action, MultiDiscrete space, int component)
    {
        if (!open)
            ThrowNotOpen();
        if (action.Length == space.Size)
        {
            var index = (int)action[component];
            if ((uint)index < (uint)space.Counts[component] && index == action[component])
                return index;
        }
        ThrowInvalid(action, $"{space.Size} integers in {space}");
        return 0;
    }

    /// <summary>The one number in <paramref name="action"/>, which may lie outside its bounds but must be finite; an episode must be
    /// open.</summary>
    public float ReadNumber(ReadOnlySpan<float> action)
    {
        if (!open)
            ThrowNotOpen();
        if (action.Length != 1 || !float.IsFinite(action[0]))
            ThrowInvalid(action, "one finite number");
        return action[0];
    }

    /// <summary>The step's result; termination closes the episode. Truncation is the business of
    /// <see cref="Wrappers.TimeLimit"/>.</summary>
    public StepResult End(double reward, bool terminated)
    {
        open = !terminated;
        return new StepResult(reward, terminated, Truncated: false);
    }

    /// <summary>Writes the random numbers' state and whether an episode is open.</summary>
    public void Capture(BinaryWriter writer)
    {
        writer.Write(open);
        writer.Write(random is not null);
        random?.Capture(writer);
    }

    /// <summary>Reads what <see cref="Capture"/> wrote.</summary>
    public void Restore(BinaryReader reader)
    {
        open = reader.ReadBoolean();
        random = reader.ReadBoolean() ? new Pcg64(0) : null;
        random?.Restore(reader);
    }

    [DoesNotReturn]
    private void ThrowNotOpen() => throw new InvalidOperationException(
        random is null
            ? $"{env} has not begun an episode: call Reset with a seed before the first Step."
            : $"{env}'s episode has terminated: call Reset before the next Step.");

    [DoesNotReturn]
    private void ThrowInvalid(ReadOnlySpan<float> action, string wanted) => throw new ArgumentException(
        $"{env} takes an action of {wanted}, not [{string.Join(", ", action.ToArray())}].", nameof(action));
}
