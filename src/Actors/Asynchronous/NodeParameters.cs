using System.Numerics.Tensors;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Actors.Wire;
using AkkaRL.Models.Optimizers;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// θ as a node's workers act with it: the learner's latest, and what the node's own gradients have made of it since. Pure.
/// </summary>
/// <remarks>
/// <para>
/// A gradient updates it at once, by the node's optimizer; what crosses the wire is the sum of many updates, which the learner adds to its own θ. So a node alone trains
/// as one process does, however many updates it combines, and with others it lags behind them by what is on its way.
/// </para>
/// <para>
/// Source: J. Dean et al. 2012, "Large Scale Distributed Deep Networks", section 4.1, Downpour SGD. Different here: the optimizer is on the node, not on the server; its moments
/// begin as the learner's, and go back to it now and then, so that it has some for a snapshot and for nodes that join.
/// </para>
/// <para>
/// Error feedback, for changes that are sent at less than full precision: the reference moves by what was sent, so that what the rounding lost is part of the next change. The node's own θ is
/// never rounded. Source: F. Seide et al. 2014, "1-Bit Stochastic Gradient Descent and its Application to Data-Parallel Distributed Training of Speech DNNs", section 2: there
/// gradients are rounded, here what the optimizer has made of many.
/// </para>
/// </remarks>
/// <param name="optimizer">The node's.</param>
/// <param name="streams">Grants of the node.</param>
internal sealed class NodeParameters(IOptimizer optimizer, int streams)
{
    /// <summary>Messages, of which one takes the optimizer's moments along.</summary>
    public const int MomentsInterval = 32;

    private readonly (float[] Change, int Updates)?[] onTheirWay = new (float[], int)?[streams];
    private float[] current = [];
    private float[] reference = [];
    private long merged;
    private int updates;
    private long lag;
    private long sent;

    /// <summary>θ [P]; empty before the first grant.</summary>
    public ReadOnlySpan<float> Current => current;

    /// <summary>The learner's version that this would be, if nobody else made updates.</summary>
    public long Version => ReferenceVersion + updates;

    private long ReferenceVersion => merged + onTheirWay.Sum(change => (long)(change?.Updates ?? 0));

    /// <summary>Takes the learner's θ over: it has what came before of the grant's stream, and lacks what is on its way in the others.</summary>
    /// <exception cref="ArgumentException">The moments are of another optimizer.</exception>
    public void Merge(GradientsGranted granted)
    {
        onTheirWay[granted.Stream] = null;
        merged = granted.Version;
        if (!granted.Moments.IsEmpty)
        {
            granted.Moments.Span.CopyTo(optimizer.Moments);
            optimizer.Updates = granted.Version;
        }
        if (current.Length == 0)
            (current, reference) = (new float[granted.Parameters.Length], new float[granted.Parameters.Length]);
        TensorPrimitives.Subtract(current, reference, current);
        granted.Parameters.CopyTo(reference);
        foreach (var other in onTheirWay)
            if (other is { } known)
                TensorPrimitives.Add(reference, known.Change, reference);
        TensorPrimitives.Add(current, reference, current);
    }

    /// <summary>Makes an update of a worker's gradient.</summary>
    /// <param name="gradient">[P].</param>
    /// <param name="version">The <see cref="Version"/> that it was computed at.</param>
    /// <param name="learningRate">Of this update.</param>
    public void Update(ReadOnlySpan<float> gradient, long version, float learningRate)
    {
        lag += Math.Max(0, Version - version);
        optimizer.Update(current, gradient, learningRate);
        updates++;
    }

    /// <summary>
    /// What has changed since this was called last, rounded to this precision, to be sent in this stream. Parameters that have blown up are sent, for the learner to refuse, and forgotten here.
    /// </summary>
    public SentChange Send(int stream, GradientPrecision precision = GradientPrecision.Full)
    {
        var change = new float[current.Length];
        TensorPrimitives.Subtract(current, reference, change);
        VectorCoding.Round(precision, change);
        var message = new SentChange(ReferenceVersion, updates, updates == 0 ? 0 : (double)lag / updates, change, sent++ % MomentsInterval == 0 ? optimizer.Moments.ToArray() : []);
        if (DivergenceGuard.AreFinite(change))
        {
            onTheirWay[stream] = (change, updates);
            TensorPrimitives.Add(reference, change, reference);
        }
        else
            reference.CopyTo(current, 0);
        (updates, lag) = (0, 0);
        return message;
    }
}

/// <summary>What a node sends of its parameters.</summary>
/// <param name="Version">The learner's version that it is to be added to, if nobody else made updates.</param>
/// <param name="Updates">How many it is the sum of.</param>
/// <param name="Lag">Their mean policy lag on the node, updates.</param>
/// <param name="Change">The sum [P], rounded.</param>
/// <param name="Moments">The optimizer's; mostly empty.</param>
internal sealed record SentChange(long Version, int Updates, double Lag, float[] Change, float[] Moments);
