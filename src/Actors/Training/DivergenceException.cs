namespace AkkaRL.Actors.Training;

/// <summary>Learning blew up; the message says how it was noticed. A learner throws it, and its supervisor rolls the run back.</summary>
public sealed class DivergenceException(string message) : Exception(message);
