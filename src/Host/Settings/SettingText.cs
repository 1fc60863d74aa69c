using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AkkaRL.Host.Settings;

/// <summary>How a setting's value is written in HOCON, and read back, by the type of its property.</summary>
internal static class SettingText
{
    private static readonly (string[] Names, decimal Ticks)[] Units =
    [
        (["ms", "millisecond", "milliseconds", "milli", "millis"], TimeSpan.TicksPerMillisecond),
        (["s", "second", "seconds"], TimeSpan.TicksPerSecond),
        (["m", "minute", "minutes"], TimeSpan.TicksPerMinute),
        (["h", "hour", "hours"], TimeSpan.TicksPerHour),
        (["d", "day", "days"], TimeSpan.TicksPerDay),
        (["us", "microsecond", "microseconds", "micro", "micros"], TimeSpan.TicksPerMicrosecond),
        (["ns", "nanosecond", "nanoseconds", "nano", "nanos"], 0.01m),
    ];

    /// <summary>The value as the property wants it; null when it cannot be read as that type.</summary>
    public static object? Read(Type type, SettingValue value)
    {
        if (type == typeof(ImmutableArray<int>))
            return value.IsList ? ReadList(value.Texts, text => (int?)ReadInteger(typeof(int), text)) : null;
        if (type == typeof(ImmutableArray<string>))
            return value.IsList ? value.Texts : null;
        if (type == typeof(ImmutableArray<double>))
            return value.IsList ? ReadList(value.Texts, ReadNumber) : null;
        if (value.IsList)
            return null;
        var text = value.Texts[0];
        if (type == typeof(string))
            return text;
        if (type == typeof(bool))
            return text.ToUpperInvariant() switch { "ON" or "TRUE" or "YES" => true, "OFF" or "FALSE" or "NO" => false, _ => null };
        if (type == typeof(double))
            return ReadNumber(text);
        if (type == typeof(TimeSpan))
            return ReadDuration(text);
        if (type.IsEnum)
            return Choices(type).FirstOrDefault(choice => choice.Text.Equals(text, StringComparison.OrdinalIgnoreCase)).Value;
        return ReadInteger(type, text);
    }

    /// <summary>The value as HOCON that <see cref="Read"/> and Akka read back to an equal one.</summary>
    public static string Write(object value) => value switch
    {
        bool on => on ? "on" : "off",
        string text => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"",
        TimeSpan time => WriteDuration(time),
        ImmutableArray<int> list => $"[{string.Join(", ", list)}]",
        ImmutableArray<string> list => $"[{string.Join(", ", list.Select(text => Write(text)))}]",
        ImmutableArray<double> list => $"[{string.Join(", ", list.Select(number => Write(number)))}]",
        Enum choice => Choices(choice.GetType()).First(known => known.Value.Equals(choice)).Text,
        double number => number.ToString("R", CultureInfo.InvariantCulture).Replace("E+", "E", StringComparison.Ordinal),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>What may be written for a property of this type, to follow "it must be".</summary>
    public static string Allowed(Type type) =>
        type == typeof(ImmutableArray<int>) ? "a list of whole numbers, such as [64, 64]"
        : type == typeof(ImmutableArray<double>) ? "a list of numbers, such as [0.1, 0.01]"
        : type == typeof(ImmutableArray<string>) ? "a list of texts, such as [learner, worker]"
        : type == typeof(bool) ? "on or off"
        : type == typeof(double) ? "a number, such as 0.99 or 1e-3"
        : type == typeof(TimeSpan) ? "a duration, such as 30 s or 50 ms"
        : type == typeof(string) ? "one text"
        : type.IsEnum ? $"one of {string.Join(", ", Choices(type).Select(choice => choice.Text))}"
        : type == typeof(ulong) ? "a whole number from 0 to 18446744073709551615"
        : type == typeof(int) ? "a whole number up to 2147483647"
        : type == typeof(long) ? "a whole number up to 9223372036854775807"
        : "a whole number";

    /// <summary>An enum's values, each under its name in small letters, or the one that its attribute gives it.</summary>
    private static IEnumerable<(string Text, object Value)> Choices(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (field.GetCustomAttribute<EnumMemberAttribute>()?.Value ?? field.Name.ToLowerInvariant(), field.GetValue(null)!));

    private static ImmutableArray<T>? ReadList<T>(ImmutableArray<string> texts, Func<string, T?> read)
        where T : struct
    {
        var elements = texts.Select(read).OfType<T>().ToImmutableArray();
        return elements.Length == texts.Length ? elements : null;
    }

    private static double? ReadNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A whole number, also one written 1e6.</summary>
    private static object? ReadInteger(Type type, string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) || number != decimal.Truncate(number))
            return null;
        try
        {
            return Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static TimeSpan? ReadDuration(string text)
    {
        var split = text.TakeWhile(c => !char.IsLetter(c)).Count();
        var (digits, name) = (text[..split].Trim(), split < text.Length ? text[split..] : "ms");
        var unit = Units.FirstOrDefault(unit => unit.Names.Contains(name));
        return unit.Names is not null && decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) < TimeSpan.MaxValue.Ticks / unit.Ticks
            ? TimeSpan.FromTicks((long)(number * unit.Ticks))
            : null;
    }

    private static string WriteDuration(TimeSpan time) =>
        time.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{time.Ticks / TimeSpan.TicksPerSecond} s"
        : time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? $"{time.Ticks / TimeSpan.TicksPerMillisecond} ms"
        : $"{(Int128)time.Ticks * 100} ns";
}
