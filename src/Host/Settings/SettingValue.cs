using System.Collections.Immutable;

namespace AkkaRL.Host.Settings;

/// <summary>What stands after a key, as written: one text, or the texts of a list.</summary>
/// <param name="Texts">The one text, or the list's elements.</param>
/// <param name="IsList">Whether it was written as a list.</param>
/// <param name="Origin">Where it was written, for errors: a file and line, an option, an environment variable.</param>
internal sealed record SettingValue(ImmutableArray<string> Texts, bool IsList, string Origin)
{
    public string Written => IsList ? $"[{string.Join(", ", Texts)}]" : $"\"{Texts[0]}\"";
}
