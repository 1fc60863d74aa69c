using System.Buffers;
using AkkaRL.Actors.Protocol;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Actors.Wire;

/// <summary>
/// One side of a link between two actors on different nodes: numbers what it sends, cuts up what is too large for a frame of the transport,
/// and puts together what comes. A part of an actor; both sides have one.
/// </summary>
/// <remarks>
/// The transport keeps the order but may lose messages, silently: with a broken connection, or for their size. So frames are numbered, and a
/// pulse says how many there were: whoever has seen fewer knows that the link is broken. Nothing is sent again: a link that is broken is
/// closed, and what was on its way is made anew, as with a worker that threw. At most <see cref="Window"/> parts are on their way, so that a large
/// message holds up neither pulses nor the cluster's heartbeats.
/// </remarks>
/// <param name="label">Which link.</param>
/// <param name="tell">Sends to the other side.</param>
internal sealed class LinkChannel(LinkLabel label, Action<object> tell)
{
    /// <summary>Bytes of a part; what is not larger goes in one piece. Half of the transport's frame.</summary>
    public const int PartSize = 64 * 1024;

    /// <summary>Parts on their way.</summary>
    public const int Window = 16;

    /// <summary>Parts that one pulse acknowledges.</summary>
    private const int PartsAPulse = 4;

    /// <summary>The largest message, bytes.</summary>
    public const long MaximumLength = 1 << 30;

    private readonly Queue<(string Manifest, byte[] Content)> waiting = new();
    private readonly List<ReadOnlyMemory<byte>> parts = [];
    private (string Manifest, byte[] Content)? open;
    private int offset;
    private long sent, partsSent, partsAcknowledged;
    private long taken, partsTaken, partsLength;

    /// <summary>Which link.</summary>
    public LinkLabel Label => label;

    /// <summary>Messages of another run, another life of the learner or another link, which were not taken.</summary>
    public long Refused { get; private set; }

    /// <summary>Sends a message, after those before it. It is written at once: its vectors may change then.</summary>
    public void Send(object message)
    {
        waiting.Enqueue((WireFormat.ManifestOf(message), WireFormat.Encode(message)));
        Pump();
    }

    /// <summary>Says that this side is here, and how far it is.</summary>
    public void Pulse() => tell(new LinkPulse(label, sent, partsTaken));

    /// <summary>Takes a frame; returns the message that it completes, if it does.</summary>
    /// <exception cref="LinkBrokenException">One before it is lost, or it is no part of a message.</exception>
    public object? Take(LinkFrame frame)
    {
        if (!Accepts(frame.Label))
            return null;
        if (frame.Number != ++taken)
            throw new LinkBrokenException($"Message {taken} is lost: {frame.Number} came next.");
        if (frame.Length == frame.Content.Length && parts.Count == 0)
            return Decode(frame.Manifest, frame.Content.Span);
        return TakePart(frame);
    }

    /// <summary>Takes a pulse; returns whether it was of this link.</summary>
    /// <exception cref="LinkBrokenException">More was sent than has come.</exception>
    public bool Take(LinkPulse pulse)
    {
        if (!Accepts(pulse.Label))
            return false;
        if (pulse.Sent != taken)
            throw new LinkBrokenException($"{pulse.Sent} messages were sent, {taken} came.");
        partsAcknowledged = Math.Clamp(pulse.Taken, partsAcknowledged, partsSent);
        Pump();
        return true;
    }

    private bool Accepts(LinkLabel other)
    {
        if (other == label)
            return true;
        Refused++;
        return false;
    }

    private void Pump()
    {
        while (open is not null || waiting.TryDequeue(out var next) && Open(next))
        {
            var (manifest, content) = open!.Value;
            var isWhole = content.Length <= PartSize;
            if (!isWhole && partsSent - partsAcknowledged >= Window)
                return;
            var size = Math.Min(PartSize, content.Length - offset);
            tell(new LinkFrame(label, ++sent, manifest, content.Length, content.AsMemory(offset, size)));
            partsSent += isWhole ? 0 : 1;
            offset += size;
            if (offset == content.Length)
                open = null;
        }
    }

    private bool Open((string Manifest, byte[] Content) next)
    {
        (open, offset) = (next, 0);
        return true;
    }

    private object? TakePart(LinkFrame frame)
    {
        partsTaken++;
        parts.Add(frame.Content);
        partsLength += frame.Content.Length;
        if (frame.Length > MaximumLength || partsLength > frame.Length || frame.Content.IsEmpty)
            throw new LinkBrokenException($"A part of {frame.Content.Length} bytes makes {partsLength} of a message of {frame.Length}.");
        var isComplete = partsLength == frame.Length;
        if (isComplete || partsTaken % PartsAPulse == 0)
            Pulse();
        return isComplete ? Join(frame.Manifest) : null;
    }

    /// <summary>Rented when all of it has come: what a part says of the whole costs nothing.</summary>
    private object Join(string manifest)
    {
        var length = (int)partsLength;
        var content = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var position = 0;
            foreach (var part in parts)
            {
                part.CopyTo(content.AsMemory(position));
                position += part.Length;
            }
            parts.Clear();
            partsLength = 0;
            return Decode(manifest, content.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    private static object Decode(string manifest, ReadOnlySpan<byte> content)
    {
        try
        {
            return WireFormat.Decode(manifest, content);
        }
        catch (WireFormatException invalid)
        {
            throw new LinkBrokenException(invalid.Message, invalid);
        }
    }
}
