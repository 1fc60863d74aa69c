using System.Numerics.Tensors;
using AkkaRL.Models.Distributions;
using AkkaRL.Models.Losses;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// What an output row of Q's network says of A actions: the value of each, or (with atoms) the distribution of its return; from one head, or
/// dueling. And how far a row is from its target. Immutable, for any thread; nothing allocates once made.
/// </summary>
public sealed class QHead
{
    private readonly int actions;
    private readonly bool dueling;
    private readonly ReturnDistribution? returns;

    /// <summary>The meaning that the settings give to a row.</summary>
    public QHead(int actions, DQNSettings settings)
    {
        (this.actions, dueling) = (actions, settings.Dueling);
        returns = settings.Atoms > 1 ? new ReturnDistribution(settings.Atoms, settings.ValueMinimum, settings.ValueMaximum) : null;
    }

    /// <summary>K, columns an action.</summary>
    private int Columns => returns?.Values.Length ?? 1;

    /// <summary>Q's network, whose rows these are.</summary>
    public NetworkSpec Network(int observationSize, NetworkSettings settings) => DQN.Network(observationSize, actions, dueling, settings, Columns);

    /// <summary>argmax_a Q(a) of one row; of equals the first. A distribution counts by its mean (Bellemare et al. 2017, algorithm 1).</summary>
    /// <param name="row">Q(s, ·) [H].</param>
    /// <param name="allowed">Which actions s allows [A], of which the best is taken; empty for all.</param>
    public int Greedy(ReadOnlySpan<float> row, ReadOnlySpan<bool> allowed = default)
    {
        // Advantages alone decide where heads are dueling.
        if (returns is null)
            return ActionMask.Best(allowed, dueling ? row[1..] : row);
        Span<float> logits = stackalloc float[Columns];
        Span<float> baseline = stackalloc float[Columns];
        if (dueling)
            DuelingHead.Baseline(row, baseline);
        var (best, bestMean) = (allowed.IsEmpty ? 0 : allowed.IndexOf(true), float.NegativeInfinity);
        for (var action = 0; action < actions; action++)
        {
            if (!allowed.IsEmpty && !allowed[action])
                continue;
            TensorPrimitives.Add(Own(row, action), baseline, logits);
            var mean = returns.Mean(logits);
            if (mean > bestMean)
                (best, bestMean) = (action, mean);
        }
        return best;
    }

    /// <summary>How far Q(s, a) is from R + discount · Q⁻(s′, a′): Huber's loss of the difference, or for distributions KL(Φ T Z⁻(s′, a′) ‖ Z(s, a)).</summary>
    /// <param name="row">Q(s, ·) as the network puts it out [H].</param>
    /// <param name="action">a.</param>
    /// <param name="reward">R.</param>
    /// <param name="discount">γ^k, or 0 where the MDP terminated.</param>
    /// <param name="target">Q⁻(s′, ·) [H].</param>
    /// <param name="nextAction">a′.</param>
    /// <param name="weight">Factor on the gradient.</param>
    /// <param name="rowGradient">Receives weight · ∂loss/∂row [H].</param>
    /// <returns>The loss, and what replays are prioritized by: the absolute difference, or the divergence.</returns>
    public (float Loss, float Error) Differentiate(
        ReadOnlySpan<float> row, int action, float reward, float discount, ReadOnlySpan<float> target, int nextAction, float weight, Span<float> rowGradient)
    {
        Span<float> derivative = stackalloc float[Columns];
        float loss, priority;
        if (returns is null)
        {
            var error = Value(row, action) - (reward + discount * Value(target, nextAction));
            derivative[0] = weight * Huber.Derivative(error);
            (loss, priority) = (Huber.Loss(error), MathF.Abs(error));
        }
        else
        {
            Span<float> logits = stackalloc float[Columns];
            Span<float> projected = stackalloc float[Columns];
            Logits(target, nextAction, logits);
            Softmax.Of(logits, derivative);
            returns.Project(reward, discount, derivative, projected);
            Logits(row, action, logits);
            loss = priority = CrossEntropy.Differentiate(projected, logits, weight, derivative);
        }
        if (dueling)
            DuelingHead.Differentiate(action, derivative, rowGradient);
        else
        {
            rowGradient.Clear();
            derivative.CopyTo(rowGradient[(action * Columns)..]);
        }
        return (loss, priority);
    }

    private float Value(ReadOnlySpan<float> row, int action)
    {
        Span<float> value = stackalloc float[1];
        Logits(row, action, value);
        return value[0];
    }

    /// <summary>Writes the columns [K] of one action, dueling heads put together.</summary>
    private void Logits(ReadOnlySpan<float> row, int action, Span<float> logits)
    {
        logits.Clear();
        if (dueling)
            DuelingHead.Baseline(row, logits);
        TensorPrimitives.Add(logits, Own(row, action), logits);
    }

    /// <summary>The columns [K] of an action's head, or of its advantage.</summary>
    private ReadOnlySpan<float> Own(ReadOnlySpan<float> row, int action) => row.Slice(((dueling ? 1 : 0) + action) * Columns, Columns);
}
