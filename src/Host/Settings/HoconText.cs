using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace AkkaRL.Host.Settings;

/// <summary>
/// Reads HOCON strictly: every key with its value and line, or an error that names the line.
/// </summary>
/// <remarks>
/// Akka's own parser is no judge of a file: it reads an unclosed brace, a key without a value and a stray brace as if nothing were wrong,
/// never returns from an unclosed list, and overflows the stack on a substitution of itself.
/// Everything read here Akka reads alike (a test compares them); includes and substitutions are refused, layers serve instead.
/// </remarks>
internal sealed class HoconText
{
    private const int DeepestNesting = 32;
    private const string NeedsQuotes = "$\"{}[]:=,+#`^?!@*&\\";

    private readonly string text;
    private readonly string source;
    private readonly bool hasLines;
    private readonly List<KeyValuePair<string, SettingValue>> settings = [];
    private int at;

    private HoconText(string text, string source, bool hasLines) => (this.text, this.source, this.hasLines) = (text, source, hasLines);

    /// <summary>The keys of a whole file, in order; a key may come again, and the later one counts.</summary>
    /// <exception cref="BadInputException">It is not HOCON; the message has <paramref name="source"/> and the line.</exception>
    public static IReadOnlyList<KeyValuePair<string, SettingValue>> Parse(string text, string source)
    {
        var hocon = new HoconText(text, source, hasLines: true);
        hocon.ReadFile();
        return hocon.settings;
    }

    /// <summary>The value of one key standing alone, as on a command line.</summary>
    /// <exception cref="BadInputException">It is not a HOCON value.</exception>
    public static KeyValuePair<string, SettingValue> ParseValue(string key, string text, string origin)
    {
        // A name, number, path or device needs no quotes here: only lists and quoted texts are HOCON.
        if (text.TrimStart() is not ['[' or '"', ..])
            return new(key, new SettingValue([text.Trim()], false, origin));
        var hocon = new HoconText(text, origin, hasLines: false);
        hocon.SkipBlank();
        hocon.ReadValue(key, 0);
        hocon.SkipBlank();
        return hocon.Ended ? hocon.settings[0] : throw hocon.Error($"'{hocon.Next}' comes after the value of {key}");
    }

    private bool Ended => at >= text.Length;

    private char Next => Ended ? '\0' : text[at];

    private void ReadFile()
    {
        SkipBlank();
        if (Next == '{')
            ReadObject("", 0);
        else
            ReadMembers("", 0);
        SkipBlank();
        if (!Ended)
            throw Error(Next == '}' ? "this '}' closes nothing; remove it, or open a '{' for it" : $"'{Next}' comes after the end of the settings; remove it");
    }

    private void ReadObject(string path, int depth)
    {
        var opened = at++;
        if (depth > DeepestNesting)
            throw Error($"sections nest deeper than {DeepestNesting}; no setting is that deep");
        ReadMembers(path, depth);
        if (Next != '}')
            throw Error($"this '{{'{(path == "" ? "" : $" of {path}")} is never closed; add the missing '}}'", opened);
        at++;
    }

    private void ReadMembers(string path, int depth)
    {
        for (SkipSeparators(); !Ended && Next != '}'; SkipSeparators())
        {
            var started = at;
            var key = ReadPath();
            var full = path == "" ? key : $"{path}.{key}";
            SkipSpaces();
            if (key == "include" && Next is not ('=' or ':' or '{'))
                throw Error("include is not supported; name further files with --overlay", started);
            if (Next == '{')
                ReadObject(full, depth + 1);
            else if (Next is '=' or ':')
            {
                at++;
                SkipSpaces();
                ReadValue(full, depth, started);
            }
            else
                throw Error($"{full} is not followed by '=' and a value, nor by '{{' and a section", started);
        }
    }

    private string ReadPath()
    {
        var path = new StringBuilder();
        while (true)
        {
            var word = Next == '"' ? ReadQuoted() : ReadWhile(c => char.IsLetterOrDigit(c) || c is '-' or '_');
            if (word == "")
                throw Error(Ended || char.IsWhiteSpace(Next) ? "a key is missing here" : $"'{Next}' stands where a key is expected");
            path.Append(word);
            if (Next != '.')
                return path.ToString();
            path.Append(text[at++]);
        }
    }

    private void ReadValue(string path, int depth, int? keyAt = null)
    {
        var started = keyAt ?? at;
        if (Next == '{')
            ReadObject(path, depth + 1);
        else if (Next == '[')
            settings.Add(new(path, new SettingValue(ReadList(path), true, Origin(started))));
        else
            settings.Add(new(path, new SettingValue([ReadScalar(path, started)], false, Origin(started))));
        SkipSpaces();
        if (!Ended && Next is not (',' or '}' or '\n' or '\r' or '#') && !AtComment)
            throw Error($"'{Next}' comes after the value of {path}; put each key on a line of its own, or quote the whole value");
    }

    private ImmutableArray<string> ReadList(string path)
    {
        var opened = at++;
        var elements = ImmutableArray.CreateBuilder<string>();
        for (SkipSeparators(); Next != ']'; SkipSeparators())
        {
            if (Ended || Next is '}' or '=' or ':')
                throw Error($"this '[' of {path} is never closed; add the missing ']'", opened);
            if (Next is '[' or '{')
                throw Error($"the list of {path} may hold numbers and words only");
            elements.Add(ReadScalar(path, at));
        }
        at++;
        return elements.ToImmutable();
    }

    private string ReadScalar(string path, int keyAt)
    {
        if (Next == '"')
            return ReadQuoted();
        var started = at;
        while (!Ended && !NeedsQuotes.Contains(Next) && Next is not ('\n' or '\r') && !AtComment)
            at++;
        var value = text[started..at].Trim();
        if (Next == '$')
            throw Error("substitutions such as ${name} are not supported; write the value, or set an environment variable such as AKKARL__A3C__GAMMA");
        if (value == "" && (Ended || Next is '\n' or '\r' or '}' or ']' or ',' or '#' || AtComment))
            throw Error($"{path} has no value; write one after the '='", keyAt);
        if (value == "" || (!Ended && NeedsQuotes.Contains(Next) && Next is not (',' or '}' or ']' or '#')))
            throw Error($"'{Next}' is not allowed in the value of {path} unless it is quoted: put the value in double quotes, and each key on a line of its own");
        return value;
    }

    private string ReadQuoted()
    {
        var opened = at;
        if (text.AsSpan(at).StartsWith("\"\"\""))
        {
            var end = text.IndexOf("\"\"\"", at + 3, StringComparison.Ordinal);
            if (end < 0)
                throw Error("this text in triple quotes is never closed; add the missing \"\"\"", opened);
            at = end + 3;
            return text[(opened + 3)..end];
        }
        var value = new StringBuilder();
        for (at++; Next != '"'; )
        {
            if (Ended || Next is '\n' or '\r')
                throw Error("this quoted text is never closed; add the missing '\"'", opened);
            value.Append(Next == '\\' ? ReadEscape() : text[at++]);
        }
        at++;
        return value.ToString();
    }

    private char ReadEscape()
    {
        at += 2;
        var escaped = at <= text.Length ? text[at - 1] : '\0';
        if (escaped == 'u' && at + 4 <= text.Length && ushort.TryParse(text.AsSpan(at, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
        {
            at += 4;
            return (char)code;
        }
        var known = "\"\\/bfnrt".IndexOf(escaped);
        return known >= 0 ? "\"\\/\b\f\n\r\t"[known] : throw Error($"'\\{escaped}' is no escape in a quoted text; write a backslash as \\\\", at - 2);
    }

    private bool AtComment => Next == '#' || (Next == '/' && at + 1 < text.Length && text[at + 1] == '/');

    private void SkipSpaces() => ReadWhile(c => c is ' ' or '\t' or '\uFEFF');

    private void SkipSeparators()
    {
        for (SkipBlank(); Next == ','; SkipBlank())
            at++;
    }

    private void SkipBlank()
    {
        while (true)
        {
            ReadWhile(c => char.IsWhiteSpace(c) || c == '\uFEFF');
            if (!AtComment)
                return;
            ReadWhile(c => c != '\n');
        }
    }

    private string ReadWhile(Func<char, bool> belongs)
    {
        var started = at;
        while (!Ended && belongs(Next))
            at++;
        return text[started..at];
    }

    private int LineOf(int position) => 1 + text.AsSpan(0, Math.Min(position, text.Length)).Count('\n');

    private string Origin(int position) => hasLines ? $"{source}, line {LineOf(position)}" : source;

    private BadInputException Error(string what, int? position = null) => new($"{Origin(position ?? at)}: {what}.");
}
