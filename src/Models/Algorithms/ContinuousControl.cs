using AkkaRL.Models.Networks;
using AkkaRL.Models.Replay;

namespace AkkaRL.Models.Algorithms;

/// <summary>What the algorithms with a policy network μ(s) and critics Q(s, a) share. Actions of the replay are in [−1, 1].</summary>
public static class ContinuousControl
{
    /// <summary>The policy's network: <paramref name="outputs"/> columns of s; small at first, so that no action starts saturated.</summary>
    public static NetworkSpec Policy(int observationSize, int outputs, NetworkSettings settings) =>
        new(observationSize, settings.Activation, [new TowerSpec(settings.Hidden, [new HeadSpec("policy", outputs, 0.01f)])]);

    /// <summary>Critics as one network of [s, a]: a tower and a column each.</summary>
    public static NetworkSpec Critics(int observationSize, int actionSize, int count, NetworkSettings settings) =>
        new(observationSize + actionSize, settings.Activation, [.. Enumerable.Range(0, count).Select(_ => new TowerSpec(settings.Hidden, [new HeadSpec("q", 1, 1)]))]);

    /// <summary>Writes rows [s, a] [B, O + A].</summary>
    public static void Join(ReadOnlySpan<float> observations, ReadOnlySpan<float> actions, int rows, Span<float> joined)
    {
        var (observationSize, actionSize) = (observations.Length / rows, actions.Length / rows);
        for (var row = 0; row < rows; row++)
        {
            var into = joined.Slice(row * (observationSize + actionSize), observationSize + actionSize);
            observations.Slice(row * observationSize, observationSize).CopyTo(into);
            actions.Slice(row * actionSize, actionSize).CopyTo(into[observationSize..]);
        }
    }

    /// <summary>The smallest of a row's K values.</summary>
    public static float Minimum(ReadOnlySpan<float> values)
    {
        var least = values[0];
        foreach (var value in values[1..])
            least = MathF.Min(least, value);
        return least;
    }

    /// <summary>
    /// The critics' loss L = mean w_j Σ_k ½ (Q_k(s_j, a_j) − y_j)²: writes ∂L/∂Q [B, K] and |δ|, the mean over the critics, and returns L.
    /// </summary>
    /// <param name="minibatch">w [B]; receives |δ| [B].</param>
    /// <param name="values">Q_k(s_j, a_j) [B, K].</param>
    /// <param name="targets">y [B].</param>
    /// <param name="gradients">Receives ∂L/∂Q [B, K].</param>
    public static double CriticLoss(Minibatch minibatch, ReadOnlySpan<float> values, ReadOnlySpan<float> targets, Span<float> gradients)
    {
        var (rows, critics) = (targets.Length, values.Length / targets.Length);
        var loss = 0.0;
        for (var j = 0; j < rows; j++)
        {
            minibatch.AbsoluteErrors[j] = 0;
            for (var k = 0; k < critics; k++)
            {
                var error = values[j * critics + k] - targets[j];
                gradients[j * critics + k] = minibatch.Weights[j] * error / rows;
                minibatch.AbsoluteErrors[j] += MathF.Abs(error) / critics;
                loss += 0.5 * minibatch.Weights[j] * error * error;
            }
        }
        return loss / rows;
    }
}
