using AkkaRL.Actors.Protocol;
using Google.Protobuf;

namespace AkkaRL.Actors.Wire;

/// <summary>How one kind of message is written and read.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Manifest">What it is called on the wire.</param>
/// <param name="Vectors">How many vectors it has; null for a number that differs from message to message.</param>
/// <param name="ToStructure">Its structure.</param>
/// <param name="VectorsOf">Its vectors.</param>
/// <param name="PrecisionOf">At which precision its first vector is written; null for a kind of which all are at full precision.</param>
/// <param name="Read">The message, of its structure's bytes, its vectors and the first one's precision.</param>
internal sealed record WireEntry(
    Type Type,
    string Manifest,
    int? Vectors,
    Func<object, IMessage> ToStructure,
    Func<object, IReadOnlyList<ReadOnlyMemory<float>>> VectorsOf,
    Func<object, GradientPrecision>? PrecisionOf,
    WireEntry.Reader Read)
{
    private static readonly IReadOnlyList<ReadOnlyMemory<float>> NoVectors = [];

    /// <summary>Reads a message.</summary>
    public delegate object Reader(ReadOnlySpan<byte> structure, ReadOnlyMemory<float>[] vectors, GradientPrecision precision);

    /// <summary>A message without vectors.</summary>
    public static WireEntry Of<TMessage, TStructure>(string manifest, Func<TMessage, TStructure> write, Func<TStructure, TMessage> read)
        where TMessage : class
        where TStructure : IMessage<TStructure>, new() =>
        Of<TMessage, TStructure>(manifest, 0, write, _ => NoVectors, (structure, _) => read(structure));

    /// <summary>A message with one vector.</summary>
    public static WireEntry Of<TMessage, TStructure>(
        string manifest, Func<TMessage, TStructure> write, Func<TMessage, ReadOnlyMemory<float>> vectorOf, Func<TStructure, ReadOnlyMemory<float>, TMessage> read)
        where TMessage : class
        where TStructure : IMessage<TStructure>, new() =>
        Of<TMessage, TStructure>(manifest, 1, write, message => [vectorOf(message)], (structure, vectors) => read(structure, vectors[0]));

    /// <summary>A message with vectors.</summary>
    public static WireEntry Of<TMessage, TStructure>(
        string manifest, int? vectors, Func<TMessage, TStructure> write, Func<TMessage, IReadOnlyList<ReadOnlyMemory<float>>> vectorsOf,
        Func<TStructure, ReadOnlyMemory<float>[], TMessage> read)
        where TMessage : class
        where TStructure : IMessage<TStructure>, new() =>
        Of<TMessage, TStructure>(manifest, vectors, write, vectorsOf, null, (structure, values, _) => read(structure, values));

    /// <summary>A message whose first vector may be rounded.</summary>
    public static WireEntry Of<TMessage, TStructure>(
        string manifest, int? vectors, Func<TMessage, TStructure> write, Func<TMessage, IReadOnlyList<ReadOnlyMemory<float>>> vectorsOf,
        Func<TMessage, GradientPrecision>? precisionOf, Func<TStructure, ReadOnlyMemory<float>[], GradientPrecision, TMessage> read)
        where TMessage : class
        where TStructure : IMessage<TStructure>, new() =>
        new(
            typeof(TMessage), manifest, vectors, message => write((TMessage)message), message => vectorsOf((TMessage)message),
            precisionOf is null ? null : message => precisionOf((TMessage)message),
            (bytes, values, precision) =>
            {
                var structure = new TStructure();
                structure.MergeFrom(bytes);
                return read(structure, values, precision);
            });
}
