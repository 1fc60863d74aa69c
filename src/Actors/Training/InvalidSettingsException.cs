namespace AkkaRL.Actors.Training;

/// <summary>Settings that no run can be started with. The message names the key, the value, what is allowed and what to do.</summary>
public sealed class InvalidSettingsException(string message) : Exception(message);
