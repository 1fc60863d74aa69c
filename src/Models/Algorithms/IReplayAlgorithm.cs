using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>What a worker does with the policy's parameters: it explores.</summary>
public interface IBehaviour : IDisposable
{
    /// <summary>Takes new parameters of the policy.</summary>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>Chooses an action [A], as the replay holds it.</summary>
    /// <param name="observation">s_t [O].</param>
    /// <param name="step">The global step, which schedules go by.</param>
    /// <param name="random">The worker's random numbers.</param>
    /// <param name="action">Receives a_t.</param>
    /// <param name="allowed">Which actions s_t allows [M]; empty for all.</param>
    void Act(ReadOnlySpan<float> observation, long step, RandomStream random, Span<float> action, ReadOnlySpan<bool> allowed = default);

    /// <summary>An episode begins: noise that is correlated in time starts anew.</summary>
    void BeginEpisode();

    /// <summary>Shows what it remembers from step to step, parameters aside, for a snapshot; nothing unless noise is correlated in time.</summary>
    void Visit(IStateVisitor state) { }
}

/// <summary>Slowly moving copies of a learner's networks, and what they say of a minibatch's next observations.</summary>
public interface ITargetNetwork : IDisposable
{
    /// <summary>θ⁻ ← τ θ + (1 − τ) θ⁻.</summary>
    /// <param name="parameters">θ, all of the learner's [P].</param>
    /// <param name="rate">τ.</param>
    void Track(ReadOnlySpan<float> parameters, float rate);

    /// <summary>Writes <see cref="Minibatch.TargetOutputs"/>.</summary>
    void Evaluate(Minibatch minibatch);

    /// <summary>Shows θ⁻ and what else it remembers, for a snapshot.</summary>
    void Visit(IStateVisitor state);
}

/// <summary>The updates of a learner: parameters and optimizers in, one minibatch after the other.</summary>
public interface IReplayUpdate : IDisposable
{
    /// <summary>θ of all the learner's networks [P]; the policy's come first. Gathered from the cores that train them: not for every update.</summary>
    ReadOnlySpan<float> Parameters { get; }

    /// <summary>Whether the target network can judge a minibatch before the updates in front of it are made: it needs nothing of the learner's.</summary>
    bool TargetsStandAlone { get; }

    /// <summary>Adds to a minibatch what the target network needs of the current parameters. Called right before it is judged.</summary>
    void Propose(Minibatch minibatch);

    /// <summary>The forward passes that need no targets. May run while the target network computes; the parameters do not change until <see cref="Update"/>.</summary>
    void Predict(Minibatch minibatch);

    /// <summary>One update from a minibatch with its targets, after <see cref="Predict"/>. Writes <see cref="Minibatch.AbsoluteErrors"/>.</summary>
    /// <returns>The losses; when the gradient's norm is not finite nothing has changed.</returns>
    ActorCriticLosses Update(Minibatch minibatch, float learningRate);

    /// <summary>Shows θ, optimizers and what else it remembers from update to update, for a snapshot.</summary>
    void Visit(IStateVisitor state);
}
