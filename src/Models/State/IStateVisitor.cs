namespace AkkaRL.Models.State;

/// <summary>
/// Is shown everything that an object remembers, piece by piece: once to write it down, once to put it back. One walk serves both, so
/// that nothing is written that is not read, or in another order.
/// </summary>
public interface IStateVisitor
{
    /// <summary>Whether the pieces are overwritten with what was written down.</summary>
    bool IsRestoring { get; }

    /// <summary>A vector; its length never changes.</summary>
    void Visit(string name, Span<float> vector);

    /// <summary>A vector that holds the rows of a ring, as many as there are; few of them change from one time to the next.</summary>
    void Visit(string name, Span<float> rows, in RingExtent ring) => Visit(name, rows);

    /// <summary>A number.</summary>
    void Visit(string name, ref long number);

    /// <summary>A number.</summary>
    void Visit(string name, ref double number);
}
