namespace AkkaRL.Benchmarks;

/// <summary>What worker nodes have sent to the learner and taken from it.</summary>
/// <param name="Messages">Of rollouts, or of what several have changed.</param>
/// <param name="BytesSent">Of all messages.</param>
/// <param name="BytesTaken">Of all messages.</param>
internal readonly record struct NodeTraffic(long Messages, long BytesSent, long BytesTaken)
{
    /// <summary>Of several nodes.</summary>
    public static NodeTraffic operator +(NodeTraffic one, NodeTraffic other) =>
        new(one.Messages + other.Messages, one.BytesSent + other.BytesSent, one.BytesTaken + other.BytesTaken);
}
