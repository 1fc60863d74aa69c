namespace AkkaRL.Actors.Training;

/// <summary>An actor that holds a part of what the learner knows threw or stopped: the learner has to begin another life.</summary>
public sealed class PartFailedException(string message) : Exception(message);
