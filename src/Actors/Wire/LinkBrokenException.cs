namespace AkkaRL.Actors.Wire;

/// <summary>A link has lost a message, or got one that makes no sense: it is closed, and the node joins anew.</summary>
internal sealed class LinkBrokenException(string message, Exception? inner = null) : Exception(message, inner);
