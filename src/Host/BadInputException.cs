namespace AkkaRL.Host;

/// <summary>The user asked for something that cannot be done. The message is the one paragraph they read: what was wrong and what to do.</summary>
internal sealed class BadInputException(string message) : Exception(message);
