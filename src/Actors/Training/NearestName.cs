namespace AkkaRL.Actors.Training;

/// <summary>Finds what a misspelt name was meant to be.</summary>
public static class NearestName
{
    /// <summary>A part of a name says what was meant when it is not shorter than this.</summary>
    private const int PartMinimum = 4;

    /// <summary>
    /// The candidate nearest to <paramref name="name"/>, capitals and an env's version aside: one edit away, or else the shortest of which it is a part
    /// (of a key: the last word, in the same section), or else a few edits away; null when none is near enough to be what was meant.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var nearest = candidates
            .Select(candidate => (Candidate: candidate, Distance: Math.Min(Distance(name, candidate), Distance(name, Unversioned(candidate)))))
            .DefaultIfEmpty((Candidate: "", Distance: int.MaxValue))
            .MinBy(pair => pair.Distance);
        if (nearest.Distance > 1 && candidates.Where(candidate => IsPart(name, candidate)).MinBy(candidate => candidate.Length) is { } whole)
            return whole;
        return nearest.Distance <= Math.Max(2, name.Length / 3) ? nearest.Candidate : null;
    }

    /// <summary>CartPole of CartPole-v1.</summary>
    private static string Unversioned(string name) => name.LastIndexOf("-v", StringComparison.Ordinal) is > 0 and var end && name[(end + 2)..].All(char.IsAsciiDigit) ? name[..end] : name;

    private static bool IsPart(string name, string candidate)
    {
        var (section, other) = (name.LastIndexOf('.') + 1, candidate.LastIndexOf('.') + 1);
        return name.Length - section >= PartMinimum
            && name.AsSpan(0, section).Equals(candidate.AsSpan(0, other), StringComparison.OrdinalIgnoreCase)
            && candidate.AsSpan(other).Contains(name.AsSpan(section), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>" Did you mean x?", or nothing when no candidate is near: to append to a sentence.</summary>
    public static string Hint(string name, IEnumerable<string> candidates) =>
        Of(name, candidates) is { } nearest ? $" Did you mean {nearest}?" : "";

    /// <summary>
    /// Edits that turn one word into the other, capitals aside: insertions, deletions, substitutions and swaps of neighbours (Damerau-Levenshtein, restricted).
    /// </summary>
    public static int Distance(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
        var distance = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            distance[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            distance[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = distance[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                distance[i, j] = Math.Min(substitution, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
            }
        return distance[a.Length, b.Length];
    }
}
