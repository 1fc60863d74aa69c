using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>A part of a flat parameter vector.</summary>
/// <param name="Index">Its place among all pieces.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Count">Floats.</param>
public readonly record struct ParameterPiece(int Index, int Start, int Count);

/// <summary>
/// A flat parameter vector in pieces, and how cores share these out: always alike, so that a core finds in its cache what it wrote of a piece
/// before. Made once; nothing allocates afterwards.
/// </summary>
/// <remarks>What is done to a piece must not depend on which thread does it, or when: then no result depends on how many there are.</remarks>
public sealed class ParameterPieces
{
    /// <summary>Floats below which to share out costs more than it saves: some microseconds of an optimizer.</summary>
    private const int WorthSharing = 8_192;

    private readonly Crew? crew;
    private readonly ImmutableArray<ParameterPiece> pieces;
    private readonly Action<int> work;

    // The call at hand.
    private Action<ParameterPiece> action = _ => { };

    private ParameterPieces(IEnumerable<Range> ranges, Crew? crew)
    {
        this.crew = crew;
        pieces = [.. ranges.Select((range, index) => new ParameterPiece(index, range.Start.Value, range.End.Value - range.Start.Value))];
        work = Work;
    }

    /// <summary>How many there are.</summary>
    public int Count => pieces.Length;

    /// <summary>A vector of <paramref name="count"/> floats in one piece.</summary>
    public static ParameterPieces Whole(int count) => new([Range.EndAt(count)], crew: null);

    /// <summary>A vector of <paramref name="count"/> floats in equal pieces, as many as are worth it.</summary>
    public static ParameterPieces Even(int count, Crew? crew)
    {
        var pieces = Math.Clamp(count / (WorthSharing / 2), 1, 16);
        return new(Enumerable.Range(0, pieces).Select(piece => Boundary(piece)..Boundary(piece + 1)), pieces > 1 ? crew : null);

        // Whole cache lines, so that no two cores write to one.
        int Boundary(int piece) => piece == pieces ? count : (int)((long)count * piece / pieces) / 16 * 16;
    }

    /// <summary>Calls <paramref name="action"/> with every piece, some at a time, and returns when all are done.</summary>
    public void Run(Action<ParameterPiece> action)
    {
        this.action = action;
        if (crew is not null)
            crew.Run(pieces.Length, work);
        else
            foreach (var piece in pieces)
                action(piece);
    }

    private void Work(int index) => action(pieces[index]);
}
