using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>An algorithm of the synchronous shape: turns a batch of rollouts, all of one policy, into updates of that policy.</summary>
public interface IRolloutAlgorithm
{
    /// <summary>Learns from a batch.</summary>
    /// <param name="batch">The rollouts; their rewards may have been scaled.</param>
    /// <param name="descent">The parameters; its learning rate is set.</param>
    /// <param name="progress">Part of the run's env steps behind the batch, 0 to 1.</param>
    /// <param name="random">The learner's random numbers.</param>
    void Learn(RolloutBatch batch, PolicyDescent descent, double progress, RandomStream random);

    /// <summary>Shows what it remembers from batch to batch, for a snapshot; most algorithms remember nothing.</summary>
    void Visit(IStateVisitor state) { }
}
