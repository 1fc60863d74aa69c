using System.Text;

namespace AkkaRL.Host.Reports;

/// <summary>Standard output cannot be written; the message says what to do.</summary>
#pragma warning disable CA1032 // The standard constructors would leave out why.
public sealed class ResultsUnwrittenException(IOException cause)
    : Exception($"Standard output cannot be written: {cause.Message.TrimEnd('.')}. Make room where it goes, or send it elsewhere.", cause);
#pragma warning restore CA1032

/// <summary>Standard output, whose failure is not taken for that of a run's folder.</summary>
internal sealed class ResultWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException error)
        {
            throw new ResultsUnwrittenException(error);
        }
    }
}
