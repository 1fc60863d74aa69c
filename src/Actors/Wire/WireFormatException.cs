namespace AkkaRL.Actors.Wire;

/// <summary>Bytes from another node are not a message; the message says what is wrong with them. Whoever receives them drops them.</summary>
public sealed class WireFormatException(string message, Exception? inner = null) : Exception(message, inner);
