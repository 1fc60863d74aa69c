namespace AkkaRL.Models.Algorithms;

/// <summary>The terms of an actor-critic loss, means over the steps that made one update.</summary>
/// <param name="Policy">−A log π(a | s).</param>
/// <param name="Value">½(R − V)².</param>
/// <param name="Entropy">H(π), nats.</param>
/// <param name="GradientNorm">Global norm of the gradient before clipping; not finite when the gradient is not.</param>
public readonly record struct ActorCriticLosses(double Policy, double Value, double Entropy, double GradientNorm);
