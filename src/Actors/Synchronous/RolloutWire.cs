using AkkaRL.Actors.Protocol;
using AkkaRL.Models.Rollouts;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Synchronous;

/// <summary>A rollout as it crosses the wire: only the rows that were made, env by env.</summary>
internal static class RolloutWire
{
    private const byte Terminated = 1, Truncated = 2;

    /// <summary>The message of a rollout.</summary>
    public static RolloutMade Write(RolloutLoan loan)
    {
        var rollout = loan.Rollout;
        var rows = rollout.Steps.Sum();
        var ends = new byte[rows];
        var position = 0;
        foreach (var (first, count) in Extents(rollout))
            for (var row = first; row < first + count; row++)
                ends[position++] = (byte)((rollout.Terminated[row] ? Terminated : 0) | (rollout.Truncated[row] ? Truncated : 0));
        return new RolloutMade(loan.Worker, loan.Life, loan.Version, [.. rollout.Steps], ends, [.. loan.Episodes],
        [
            rollout.InitialStates,
            .. PerRow(rollout).Select(vector => (ReadOnlyMemory<float>)Gather(rollout, vector.Values, vector.Width, rows)),
            rollout.BootstrapValues,
        ]);
    }

    /// <summary>Fills a rollout in; false, with nothing changed, when the message is not of its sizes.</summary>
    public static bool TryRead(RolloutMade made, Rollout rollout)
    {
        var steps = made.Steps;
        var perRow = PerRow(rollout).ToArray();
        if (steps.Count != rollout.Envs || made.Vectors.Count != perRow.Length + 2 || steps.Any(count => count < 0 || count > rollout.StepsMaximum))
            return false;
        var rows = steps.Sum();
        if (made.Ends.Length != rows || made.Vectors[0].Length != rollout.InitialStates.Length || made.Vectors[^1].Length != rollout.BootstrapValues.Length)
            return false;
        for (var i = 0; i < perRow.Length; i++)
            if (made.Vectors[i + 1].Length != rows * perRow[i].Width)
                return false;
        for (var env = 0; env < steps.Count; env++)
            rollout.Steps[env] = steps[env];
        made.Vectors[0].CopyTo(rollout.InitialStates);
        made.Vectors[^1].CopyTo(rollout.BootstrapValues);
        for (var i = 0; i < perRow.Length; i++)
            Scatter(rollout, made.Vectors[i + 1], perRow[i].Values, perRow[i].Width);
        var position = 0;
        foreach (var (first, count) in Extents(rollout))
            for (var row = first; row < first + count; row++)
            {
                var end = made.Ends.Span[position++];
                (rollout.Terminated[row], rollout.Truncated[row]) = ((end & Terminated) != 0, (end & Truncated) != 0);
            }
        return true;
    }

    /// <summary>The vectors that have a row a step.</summary>
    private static IEnumerable<(float[] Values, int Width)> PerRow(Rollout rollout) =>
    [
        (rollout.Observations, rollout.ObservationSize), (rollout.Actions, rollout.ActionSize), (rollout.PolicyParameters, rollout.PolicySize),
        (rollout.LogProbabilities, 1), (rollout.Values, 1), (rollout.Rewards, 1), (rollout.FinalValues, 1),
    ];

    /// <summary>Each env's rows: the first, and how many were made.</summary>
    private static IEnumerable<(int First, int Count)> Extents(Rollout rollout) =>
        rollout.Steps.Select((count, env) => (env * rollout.StepsMaximum, count));

    private static float[] Gather(Rollout rollout, float[] values, int width, int rows)
    {
        var gathered = new float[rows * width];
        var position = 0;
        foreach (var (first, count) in Extents(rollout))
        {
            values.AsSpan(first * width, count * width).CopyTo(gathered.AsSpan(position));
            position += count * width;
        }
        return gathered;
    }

    private static void Scatter(Rollout rollout, ReadOnlyMemory<float> gathered, float[] values, int width)
    {
        var rest = gathered.Span;
        foreach (var (first, count) in Extents(rollout))
        {
            rest[..(count * width)].CopyTo(values.AsSpan(first * width));
            rest = rest[(count * width)..];
        }
    }
}
