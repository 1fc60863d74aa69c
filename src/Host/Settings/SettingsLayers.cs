using System.Collections;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Settings;

/// <summary>
/// Puts a run's settings together from its layers, the later over the earlier:
/// reference.conf, overlays, the experiment, environment variables (<c>AKKARL__A3C__GAMMA=0.9</c>), options of the command line, <c>--set</c>.
/// </summary>
internal static class SettingsLayers
{
    private const string VariablePrefix = "AKKARL__";

    /// <summary>The settings that the layers make, validated.</summary>
    /// <param name="files">Paths under reference.conf's authority, from the weakest to the strongest.</param>
    /// <param name="variables">The process's environment variables.</param>
    /// <param name="options">Key, value and name of each option given, from the weakest to the strongest.</param>
    /// <exception cref="BadInputException">A layer cannot be read, or a key is unknown, mistyped or missing.</exception>
    /// <exception cref="InvalidSettingsException">A setting is out of range.</exception>
    public static RunSettings Load(IEnumerable<string> files, IReadOnlyDictionary<string, string> variables, IEnumerable<KeyValuePair<string, SettingValue>> options)
    {
        var values = new Dictionary<string, SettingValue>(StringComparer.Ordinal);
        foreach (var (key, value) in files.Prepend(HoconFolder.Reference).SelectMany(HoconFolder.Load).Concat(FromVariables(variables)).Concat(options))
            values[key] = value;
        var settings = SettingsReader.Read(values);
        SettingsValidation.Validate(settings);
        return settings;
    }

    /// <summary>The setting that <c>--set key=value</c> makes; the <c>akkarl.</c> of the key may be left out.</summary>
    public static KeyValuePair<string, SettingValue> FromAssignment(string assignment)
    {
        var split = assignment.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0)
            throw new BadInputException($"--set {assignment} is not an assignment; write --set key=value, such as --set akkarl.a3c.gamma=0.95.");
        var key = assignment[..split].Trim();
        return HoconText.ParseValue(key.StartsWith(SettingKeys.Root + ".", StringComparison.Ordinal) ? key : $"{SettingKeys.Root}.{key}", assignment[(split + 1)..], $"--set {assignment}");
    }

    /// <summary>The process's environment variables as a dictionary.</summary>
    public static IReadOnlyDictionary<string, string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    private static IEnumerable<KeyValuePair<string, SettingValue>> FromVariables(IReadOnlyDictionary<string, string> variables) =>
        from variable in variables
        where variable.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase)
        let words = variable.Key[VariablePrefix.Length..].ToLowerInvariant().Split("__").Select(word => word.Replace('_', '-'))
        select HoconText.ParseValue($"{SettingKeys.Root}.{string.Join('.', words)}", variable.Value, $"environment variable {variable.Key}");
}
