using AkkaRL.Models.Randomness;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Replay;

/// <summary>Remembers the latest transitions and gives some of them back. One owner; nothing allocates once made.</summary>
public interface IReplay
{
    /// <summary>Transitions remembered.</summary>
    int Count { get; }

    /// <summary>Remembers every row, in place of the oldest when it is full.</summary>
    void Add(TransitionBatch transitions);

    /// <summary>Fills every row of a minibatch, with replacement.</summary>
    /// <param name="minibatch">Receives transitions, indices and weights.</param>
    /// <param name="random">Where the choice comes from.</param>
    /// <param name="importanceExponent">β of the importance weights; a uniform replay has none.</param>
    /// <exception cref="InvalidOperationException">Nothing is remembered yet.</exception>
    void Sample(Minibatch minibatch, RandomStream random, double importanceExponent);

    /// <summary>Takes the absolute errors of a minibatch sampled before, with nothing added since.</summary>
    void Prioritize(Minibatch minibatch);

    /// <summary>Shows all that is remembered, for a snapshot.</summary>
    void Visit(IStateVisitor state);
}
