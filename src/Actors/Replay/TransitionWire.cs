using AkkaRL.Actors.Protocol;
using AkkaRL.Models.Replay;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Replay;

/// <summary>Transitions as they cross the wire: the rows in use.</summary>
internal static class TransitionWire
{
    /// <summary>The message of a loan. Its vectors are the loan's own: it is to be written before the worker goes on.</summary>
    public static TransitionsMade Write(ExperienceLoan loan)
    {
        var transitions = loan.Transitions;
        return new TransitionsMade(
            loan.Worker, loan.Life, transitions.Count, [.. loan.Episodes],
            [.. Vectors(transitions).Select(vector => (ReadOnlyMemory<float>)vector.Values.AsMemory(0, transitions.Count * vector.Width))]);
    }

    /// <summary>Fills a batch in; false, with nothing changed, when the message is not of its sizes.</summary>
    public static bool TryRead(TransitionsMade made, TransitionBatch transitions)
    {
        var vectors = Vectors(transitions);
        if (made.Count < 0 || made.Count > transitions.Capacity || made.Vectors.Count != vectors.Length)
            return false;
        for (var i = 0; i < vectors.Length; i++)
            if (made.Vectors[i].Length != made.Count * vectors[i].Width)
                return false;
        for (var i = 0; i < vectors.Length; i++)
            made.Vectors[i].CopyTo(vectors[i].Values);
        transitions.Count = made.Count;
        return true;
    }

    private static (float[] Values, int Width)[] Vectors(TransitionBatch batch) =>
    [
        (batch.Observations, batch.ObservationSize), (batch.Actions, batch.ActionSize), (batch.Rewards, 1),
        (batch.NextObservations, batch.ObservationSize), (batch.Discounts, 1), (batch.NextMasks, batch.MaskWidth),
    ];
}
