using AkkaRL.Models.Networks;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Rollouts;

/// <summary>The data of one update: the rollouts of all workers, in the order they are appended, row after row without gaps.</summary>
/// <remarks>Reused from batch to batch; nothing here allocates once made, but for the list of segments as it grows.</remarks>
public sealed class RolloutBatch
{
    private readonly List<RolloutSegment> segments = [];

    /// <summary>An empty batch.</summary>
    /// <param name="capacity">The most rows.</param>
    /// <param name="observationSize">O.</param>
    /// <param name="actionSize">A.</param>
    /// <param name="policySize">D.</param>
    /// <param name="stateSize">S; 0 for a policy without memory.</param>
    public RolloutBatch(int capacity, int observationSize, int actionSize, int policySize, int stateSize = 0)
    {
        History = stateSize > 0 ? new RowHistory(capacity, stateSize) : null;
        (ObservationSize, ActionSize, PolicySize) = (observationSize, actionSize, policySize);
        Observations = new float[capacity * observationSize];
        Actions = new float[capacity * actionSize];
        PolicyParameters = new float[capacity * policySize];
        LogProbabilities = new float[capacity];
        Values = new float[capacity];
        Rewards = new float[capacity];
        Terminated = new bool[capacity];
        Truncated = new bool[capacity];
        FinalValues = new float[capacity];
        Advantages = new float[capacity];
        Returns = new float[capacity];
    }

    /// <summary>B, rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>The most rows.</summary>
    public int Capacity => Rewards.Length;

    /// <summary>O.</summary>
    public int ObservationSize { get; }

    /// <summary>A.</summary>
    public int ActionSize { get; }

    /// <summary>D.</summary>
    public int PolicySize { get; }

    /// <summary>[B, O].</summary>
    public float[] Observations { get; }

    /// <summary>[B, A].</summary>
    public float[] Actions { get; }

    /// <summary>The behaviour policy's distributions [B, D]; −∞ for an action that a mask did not allow.</summary>
    public float[] PolicyParameters { get; }

    /// <summary>log μ(a | s) of the behaviour policy [B].</summary>
    public float[] LogProbabilities { get; }

    /// <summary>V(s) of the network that acted [B].</summary>
    public float[] Values { get; }

    /// <summary>[B].</summary>
    public float[] Rewards { get; }

    /// <summary>[B].</summary>
    public bool[] Terminated { get; }

    /// <summary>[B].</summary>
    public bool[] Truncated { get; }

    /// <summary>V of the final observation where truncated [B].</summary>
    public float[] FinalValues { get; }

    /// <summary>A [B], once estimated.</summary>
    public float[] Advantages { get; }

    /// <summary>What V(s) is regressed on [B], once estimated.</summary>
    public float[] Returns { get; }

    /// <summary>What a policy with a memory has to know of the rows; null for one without.</summary>
    public RowHistory? History { get; }

    /// <summary>The consecutive steps of one env each.</summary>
    public IReadOnlyList<RolloutSegment> Segments => segments;

    /// <summary>The observation of a row [O].</summary>
    public ReadOnlySpan<float> Observation(int row) => Observations.AsSpan(row * ObservationSize, ObservationSize);

    /// <summary>The action of a row [A].</summary>
    public ReadOnlySpan<float> Action(int row) => Actions.AsSpan(row * ActionSize, ActionSize);

    /// <summary>The behaviour policy's distribution of a row [D].</summary>
    public ReadOnlySpan<float> Behaviour(int row) => PolicyParameters.AsSpan(row * PolicySize, PolicySize);

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Count = 0;
        segments.Clear();
    }

    /// <summary>Appends the steps that a worker made.</summary>
    public void Append(Rollout rollout)
    {
        for (var env = 0; env < rollout.Envs; env++)
        {
            var (from, steps) = (env * rollout.StepsMaximum, rollout.Steps[env]);
            if (steps == 0)
                continue;
            rollout.Observations.AsSpan(from * ObservationSize, steps * ObservationSize).CopyTo(Observations.AsSpan(Count * ObservationSize));
            rollout.Actions.AsSpan(from * ActionSize, steps * ActionSize).CopyTo(Actions.AsSpan(Count * ActionSize));
            rollout.PolicyParameters.AsSpan(from * PolicySize, steps * PolicySize).CopyTo(PolicyParameters.AsSpan(Count * PolicySize));
            rollout.LogProbabilities.AsSpan(from, steps).CopyTo(LogProbabilities.AsSpan(Count));
            rollout.Values.AsSpan(from, steps).CopyTo(Values.AsSpan(Count));
            rollout.Rewards.AsSpan(from, steps).CopyTo(Rewards.AsSpan(Count));
            rollout.Terminated.AsSpan(from, steps).CopyTo(Terminated.AsSpan(Count));
            rollout.Truncated.AsSpan(from, steps).CopyTo(Truncated.AsSpan(Count));
            rollout.FinalValues.AsSpan(from, steps).CopyTo(FinalValues.AsSpan(Count));
            if (History is not null)
                AppendHistory(rollout, env);
            segments.Add(new RolloutSegment(Count, steps, rollout.BootstrapValues[env]));
            Count += steps;
        }
    }

    /// <summary>A segment is a sequence. An episode that begins with it begins with a state of zero; one that begins within needs a mark.</summary>
    private void AppendHistory(Rollout rollout, int env)
    {
        var (history, size, from) = (History!, History!.StateSize, env * rollout.StepsMaximum);
        rollout.InitialStates.AsSpan(env * size, size).CopyTo(history.InitialStates.AsSpan(segments.Count * size));
        for (var step = 0; step < rollout.Steps[env]; step++)
        {
            history.Sequence[Count + step] = segments.Count;
            history.Begins[Count + step] = step > 0 && (rollout.Terminated[from + step - 1] || rollout.Truncated[from + step - 1]);
        }
    }

    /// <summary>Fills <see cref="Advantages"/> with generalized advantages of the recorded values, and <see cref="Returns"/> with A + V.</summary>
    /// <param name="gamma">γ, discount a step.</param>
    /// <param name="lambda">λ; 1 is the n-step return (the Monte-Carlo return of a whole episode) minus V, 0 the one-step TD error.</param>
    public void EstimateAdvantages(double gamma, double lambda)
    {
        foreach (var (start, steps, bootstrapValue) in segments)
        {
            var rows = start..(start + steps);
            GeneralizedAdvantage.Compute(
                Rewards.AsSpan(rows), Values.AsSpan(rows), Terminated.AsSpan(rows), Truncated.AsSpan(rows), FinalValues.AsSpan(rows),
                bootstrapValue, (float)gamma, (float)lambda, Advantages.AsSpan(rows));
        }
        System.Numerics.Tensors.TensorPrimitives.Add<float>(Advantages.AsSpan(0, Count), Values.AsSpan(0, Count), Returns);
    }
}

/// <summary>Consecutive steps of one env inside a batch; episodes may end and begin within.</summary>
/// <param name="Start">Its first row.</param>
/// <param name="Steps">Its rows.</param>
/// <param name="BootstrapValue">V of the observation after its last step; read only when that step ended nothing.</param>
public readonly record struct RolloutSegment(int Start, int Steps, float BootstrapValue);
