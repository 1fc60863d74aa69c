namespace AkkaRL.Actors.Protocol;

/// <summary>
/// The conversation between a node and its link, the actor beside the learner that stands in for it: frames and pulses, and what they carry.
/// A node's workers talk to a stand-in of the learner in their own process; only what is combined crosses the wire.
/// </summary>
public static class ClusterLinks
{
    /// <summary>A message, or a part of one that is too large for a frame of the transport.</summary>
    /// <param name="Label">Whose.</param>
    /// <param name="Number">Counts a side's frames from 1; a gap breaks the link.</param>
    /// <param name="Manifest">What kind of message.</param>
    /// <param name="Length">Bytes of the whole message.</param>
    /// <param name="Content">This frame's share of it.</param>
    public sealed record LinkFrame(LinkLabel Label, long Number, string Manifest, long Length, ReadOnlyMemory<byte> Content);

    /// <summary>Both ways, at intervals and after parts: I am here.</summary>
    /// <param name="Label">Whose.</param>
    /// <param name="Sent">Number of the latest frame sent: whoever has seen fewer has lost some.</param>
    /// <param name="Taken">Number of the latest frame taken: how far the other may go on with a message in parts.</param>
    public sealed record LinkPulse(LinkLabel Label, long Sent, long Taken);

    /// <summary>Link to node: this link is closed; join again.</summary>
    public sealed record LinkClosed(string Reason);

    /// <summary>Node to link: it leaves; others may have its workers.</summary>
    public sealed record NodeLeft;

    /// <summary>Link to node: run this worker, beginning with this life.</summary>
    public sealed record WorkerAssigned(int Worker, int Life);

    /// <summary>Link to node: stop this worker, another node has it now.</summary>
    public sealed record WorkerReleased(int Worker);

    /// <summary>Node to link: a life of a worker begins.</summary>
    public sealed record WorkerAttached(int Worker, int Life);

    /// <summary>Node to link: a worker failed or stalled, and will be replaced; or a gradient of it was refused.</summary>
    public sealed record WorkerFaultedThere(int Worker, FaultKind Kind, string Message);

    /// <summary>Link to node: what the workers act with from now on [P].</summary>
    public sealed record ParametersMoved(ReadOnlyMemory<float> Parameters);

    /// <summary>Link to node, asynchronous shape: make env steps with these parameters, which the node keeps for all its workers.</summary>
    /// <param name="Stream">Which of the node's two grants: one is used while the other is on its way.</param>
    /// <param name="Version">Of the parameters.</param>
    /// <param name="TargetVersion">Of the target network; 0 for an algorithm without.</param>
    /// <param name="GlobalStep">When it was granted.</param>
    /// <param name="Steps">At most so many.</param>
    /// <param name="LearningRate">Of the updates that are made of their gradients.</param>
    /// <param name="Parameters">θ [P].</param>
    /// <param name="Moments">The optimizer's, with a node's first grant; else empty.</param>
    /// <param name="Precision">Of the change that is to come back.</param>
    public sealed record GradientsGranted(
        int Stream, long Version, long TargetVersion, long GlobalStep, int Steps, float LearningRate, ReadOnlyMemory<float> Parameters, ReadOnlyMemory<float> Moments,
        GradientPrecision Precision = GradientPrecision.Full);

    /// <summary>Link to node, asynchronous shape: a version of the target network, before the first grant that names it.</summary>
    public sealed record TargetMovedThere(long Version, ReadOnlyMemory<float> Parameters);

    /// <summary>Node to link, asynchronous shape: one grant is used, and these updates were made since the last such message.</summary>
    /// <param name="Stream">Which grant.</param>
    /// <param name="Version">The version that they are to be added to, if nobody else made updates.</param>
    /// <param name="Updates">How many; 0 where those of the grant went with the other.</param>
    /// <param name="Lag">Their mean policy lag on the node, updates.</param>
    /// <param name="Steps">Env steps made of the grant.</param>
    /// <param name="Losses">Means over the grant's rollouts: policy, value, entropy, gradient norm.</param>
    /// <param name="Episodes">Episodes that ended with them.</param>
    /// <param name="Change">The sum of the updates [P], rounded to the precision; what was lost by that is in the next.</param>
    /// <param name="Moments">The node's optimizer's, now and then; else empty.</param>
    /// <param name="Precision">How the change is written.</param>
    public sealed record UpdatesMade(
        int Stream, long Version, int Updates, double Lag, int Steps, Models.Algorithms.ActorCriticLosses Losses, IReadOnlyList<FinishedEpisode> Episodes,
        ReadOnlyMemory<float> Change, ReadOnlyMemory<float> Moments, GradientPrecision Precision = GradientPrecision.Full);

    /// <summary>Link to node, synchronous shape: make a rollout with the latest parameters.</summary>
    /// <param name="Worker">Who.</param>
    /// <param name="Life">In which life.</param>
    /// <param name="Version">Of the parameters.</param>
    /// <param name="Steps">Of each env [E].</param>
    public sealed record RolloutWanted(int Worker, int Life, long Version, IReadOnlyList<int> Steps);

    /// <summary>Node to link, synchronous shape: a rollout of N steps in all, those of the first env first.</summary>
    /// <param name="Worker">Whose.</param>
    /// <param name="Life">In which life.</param>
    /// <param name="Version">Of the parameters that acted.</param>
    /// <param name="Steps">Made, of each env [E].</param>
    /// <param name="Ends">A byte a step: 1 for terminated, 2 for truncated [N].</param>
    /// <param name="Episodes">Episodes that ended.</param>
    /// <param name="Vectors">In the order of <see cref="Models.Rollouts.Rollout"/>: initial states, observations, actions, policy parameters, log-probabilities, values, rewards, final values, bootstrap values.</param>
    public sealed record RolloutMade(
        int Worker, int Life, long Version, IReadOnlyList<int> Steps, ReadOnlyMemory<byte> Ends, IReadOnlyList<FinishedEpisode> Episodes, IReadOnlyList<ReadOnlyMemory<float>> Vectors);

    /// <summary>Link to node, replay shape: make env steps with the latest parameters.</summary>
    /// <param name="Worker">Who.</param>
    /// <param name="Life">In which life.</param>
    /// <param name="FirstStep">The global step that they begin at.</param>
    /// <param name="Steps">How many.</param>
    public sealed record StepsWanted(int Worker, int Life, long FirstStep, int Steps);

    /// <summary>Node to link, replay shape: what the steps completed.</summary>
    /// <param name="Worker">Whose.</param>
    /// <param name="Life">In which life.</param>
    /// <param name="Count">Transitions, B.</param>
    /// <param name="Episodes">Episodes that ended.</param>
    /// <param name="Vectors">In the order of <see cref="Models.Replay.TransitionBatch"/>: observations, actions, rewards, next observations, discounts.</param>
    public sealed record TransitionsMade(int Worker, int Life, int Count, IReadOnlyList<FinishedEpisode> Episodes, IReadOnlyList<ReadOnlyMemory<float>> Vectors);
}
