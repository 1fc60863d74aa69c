using System.Runtime.InteropServices;
using AkkaRL.Models.State;

namespace AkkaRL.Actors.Persistence;

/// <summary>What a worker remembers, as bytes: written when it is captured, read by the worker that goes on.</summary>
public sealed class WorkerBytes : IStateVisitor
{
    private readonly BinaryReader? reader;
    private readonly BinaryWriter? writer;

    private WorkerBytes(BinaryReader? reader, BinaryWriter? writer) => (this.reader, this.writer) = (reader, writer);

    /// <inheritdoc/>
    public bool IsRestoring => reader is not null;

    /// <summary>Writes all that is shown.</summary>
    public static byte[] Capture(Action<WorkerBytes> show)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        show(new WorkerBytes(null, writer));
        return bytes.ToArray();
    }

    /// <summary>Puts all that is shown back.</summary>
    public static void Restore(ReadOnlyMemory<byte> captured, Action<WorkerBytes> show)
    {
        using var reader = new BinaryReader(new MemoryStream(captured.ToArray()));
        show(new WorkerBytes(reader, null));
    }

    /// <inheritdoc/>
    public void Visit(string name, Span<float> vector)
    {
        var bytes = MemoryMarshal.AsBytes(vector);
        reader?.BaseStream.ReadExactly(bytes);
        writer?.Write(bytes);
    }

    /// <inheritdoc/>
    public void Visit(string name, ref long number)
    {
        number = reader?.ReadInt64() ?? number;
        writer?.Write(number);
    }

    /// <inheritdoc/>
    public void Visit(string name, ref double number)
    {
        number = reader?.ReadDouble() ?? number;
        writer?.Write(number);
    }

    /// <summary>An env's own state.</summary>
    public void Visit(Envs.IEnv env)
    {
        if (reader is not null)
            env.RestoreState(reader);
        else
            env.CaptureState(writer!);
    }
}
