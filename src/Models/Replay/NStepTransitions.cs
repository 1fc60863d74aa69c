using AkkaRL.Models.State;

namespace AkkaRL.Models.Replay;

/// <summary>
/// Turns the env steps of one worker into transitions of n steps: from s_t, R = Σ_{i=0}^{k−1} γ^i r_{t+i} and s′ = s_{t+k}, with k = n, or
/// less where the episode ends before. The discount of s′ is γ^k, and 0 where the MDP terminated; a truncated one keeps γ^k and the true final observation.
/// </summary>
/// <remarks>Source: R. Sutton and R. Barto, "Reinforcement Learning" (2018), eq. 7.1. Nothing allocates after construction.</remarks>
public sealed class NStepTransitions
{
    private readonly int n;
    private readonly float gamma;
    private readonly TransitionBatch window;
    private int first;

    /// <summary>No open steps.</summary>
    /// <param name="n">Env steps a transition, at least 1.</param>
    /// <param name="gamma">γ.</param>
    /// <param name="observationSize">O.</param>
    /// <param name="actionSize">A.</param>
    /// <param name="maskSize">M, flags of an action mask; 0 where actions are not masked.</param>
    public NStepTransitions(int n, float gamma, int observationSize, int actionSize, int maskSize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        (this.n, this.gamma) = (n, gamma);
        window = new TransitionBatch(n, observationSize, actionSize, maskSize);
    }

    /// <summary>Takes one env step and appends the transitions that it completes: one, or when the episode ends all that are open.</summary>
    /// <param name="observation">s_t [O].</param>
    /// <param name="action">a_t [A].</param>
    /// <param name="reward">r_t.</param>
    /// <param name="nextObservation">s_{t+1} [O].</param>
    /// <param name="terminated">The MDP ended.</param>
    /// <param name="truncated">The episode was cut off.</param>
    /// <param name="transitions">Receives up to n rows.</param>
    /// <param name="nextAllowed">Which actions s_{t+1} allows [M]; empty for all.</param>
    public void Add(
        ReadOnlySpan<float> observation, ReadOnlySpan<float> action, float reward, ReadOnlySpan<float> nextObservation,
        bool terminated, bool truncated, TransitionBatch transitions, ReadOnlySpan<bool> nextAllowed = default)
    {
        Open(observation, action);
        for (var age = 0; age < window.Count; age++)
        {
            // Discounts hold γ^k so far, of the k steps that each open transition has seen.
            var row = (first + age) % n;
            window.Rewards[row] += window.Discounts[row] * reward;
            window.Discounts[row] *= gamma;
        }
        if (terminated || truncated)
            while (window.Count > 0)
                Close(nextObservation, nextAllowed, terminated, transitions);
        else if (window.Count == n)
            Close(nextObservation, nextAllowed, terminated: false, transitions);
    }

    /// <summary>Drops what is open: the episode is lost.</summary>
    public void Clear() => (first, window.Count) = (0, 0);

    /// <summary>Shows the open steps, for a snapshot.</summary>
    public void Visit(IStateVisitor state)
    {
        var open = window.Count;
        state.Visit("first", ref first);
        // The open steps may lie across the end of the window: all of it is shown.
        window.Count = n;
        window.Visit(state, written: n);
        window.Count = open;
        state.Visit("open", ref open);
        window.Count = open;
    }

    private void Open(ReadOnlySpan<float> observation, ReadOnlySpan<float> action)
    {
        var row = (first + window.Count++) % n;
        observation.CopyTo(window.Observations.AsSpan(row * window.ObservationSize));
        action.CopyTo(window.Actions.AsSpan(row * window.ActionSize));
        (window.Rewards[row], window.Discounts[row]) = (0, 1);
    }

    private void Close(ReadOnlySpan<float> nextObservation, ReadOnlySpan<bool> nextAllowed, bool terminated, TransitionBatch transitions)
    {
        var mask = window.NextAllowed(first);
        if (nextAllowed.IsEmpty)
            mask.Fill(true);
        else
            nextAllowed.CopyTo(mask);
        nextObservation.CopyTo(window.NextObservations.AsSpan(first * window.ObservationSize));
        if (terminated)
            window.Discounts[first] = 0;
        transitions.CopyRow(window, first, transitions.Count++);
        first = (first + 1) % n;
        window.Count--;
    }
}
