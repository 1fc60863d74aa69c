namespace AkkaRL.Actors.Training;

/// <summary>An algorithm that a run can name.</summary>
/// <param name="Name">As in <c>akkarl.algorithm</c>.</param>
/// <param name="Shape">Its training shape: asynchronous, synchronous, replay or tabular.</param>
/// <param name="Summary">One line.</param>
public sealed record AlgorithmEntry(string Name, string Shape, string Summary);

/// <summary>The algorithms that a run can name.</summary>
public static class AlgorithmCatalog
{
    /// <summary>Every algorithm, in the order of the documentation.</summary>
    public static IReadOnlyList<AlgorithmEntry> All { get; } =
    [
        new("a3c", "asynchronous", "Asynchronous advantage actor-critic (Mnih et al. 2016): n-step returns or GAE, discrete and continuous actions"),
    ];
}
