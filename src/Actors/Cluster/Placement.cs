namespace AkkaRL.Actors.Cluster;

/// <summary>How many of a run's workers each node gets. Pure.</summary>
internal static class Placement
{
    /// <summary>
    /// Shares workers out in proportion to what the nodes offer; each has one, where there are as many. Where a run needs every worker, a node may get more
    /// than it offers.
    /// </summary>
    /// <param name="offers">The most workers that each node wants, at least 1 [N].</param>
    /// <param name="workers">Workers of the run.</param>
    /// <param name="needsEvery">Whether all of them must be somewhere.</param>
    /// <returns>[N].</returns>
    public static int[] Share(IReadOnlyList<int> offers, int workers, bool needsEvery)
    {
        long total = offers.Sum(offer => (long)offer);
        if (total == 0)
            return [];
        var placed = needsEvery ? workers : Math.Min(workers, total);
        var shares = offers.Select(offer => (int)(placed * offer / total)).ToArray();
        // Those that lack the most of their exact share get what is left; of equals the one that came first.
        var lacking = Enumerable.Range(0, shares.Length).OrderByDescending(node => placed * offers[node] % total).ThenBy(node => node);
        foreach (var node in lacking.Take((int)(placed - shares.Sum())))
            shares[node]++;
        while (Array.IndexOf(shares, 0) is >= 0 and var idle && shares.Max() > 1)
        {
            shares[Array.IndexOf(shares, shares.Max())]--;
            shares[idle]++;
        }
        return shares;
    }
}
