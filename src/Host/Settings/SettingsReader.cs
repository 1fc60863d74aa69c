using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Settings;

/// <summary>Binds keys to <see cref="RunSettings"/>, strictly: a missing, mistyped or unknown key is an error, for a misspelt gamma must not train with 0.</summary>
internal static class SettingsReader
{
    /// <summary>The settings that these values make; each key of <see cref="SettingKeys"/> must be there, and no other.</summary>
    /// <exception cref="BadInputException">They do not; the message names the full key, the value, what is allowed and what to do.</exception>
    public static RunSettings Read(IReadOnlyDictionary<string, SettingValue> values)
    {
        var known = SettingKeys.Walk(new RunSettings()).Select(setting => setting.Key).ToArray();
        foreach (var (key, value) in values)
            if (!known.Contains(key))
                throw Unknown(key, value, known);
        return (RunSettings)ReadRecord(typeof(RunSettings), SettingKeys.Root, values);
    }

    private static object ReadRecord(Type type, string path, IReadOnlyDictionary<string, SettingValue> values)
    {
        var record = Activator.CreateInstance(type)!;
        foreach (var property in SettingKeys.PropertiesOf(type))
        {
            var key = $"{path}.{SettingKeys.Of(property.Name)}";
            property.SetValue(record, SettingKeys.IsSection(property.PropertyType)
                ? ReadRecord(property.PropertyType, key, values)
                : ReadValue(property.PropertyType, key, values));
        }
        return record;
    }

    private static object ReadValue(Type type, string key, IReadOnlyDictionary<string, SettingValue> values)
    {
        if (!values.TryGetValue(key, out var value))
            throw new BadInputException($"{key} has no value: hocon/reference.conf should give its default. Put the key back there, or set it with --set {key}=...");
        return SettingText.Read(type, value)
            ?? throw new BadInputException($"{key} is {value.Written} ({value.Origin}); it must be {SettingText.Allowed(type)}.");
    }

    private static BadInputException Unknown(string key, SettingValue value, string[] known)
    {
        if (!key.StartsWith(SettingKeys.Root + ".", StringComparison.Ordinal))
            return new($"{key} ({value.Origin}) is not a setting: all of them are inside akkarl {{ }}.{NearestName.Hint($"{SettingKeys.Root}.{key}", known)}");
        var below = known.Where(candidate => candidate.StartsWith(key + ".", StringComparison.Ordinal)).ToArray();
        return below.Length > 0
            ? new($"{key} ({value.Origin}) is a section, not a value; set the keys inside it, such as {below[0]}.")
            : new($"{key} ({value.Origin}) is not a setting.{NearestName.Hint(key, known)} hocon/reference.conf lists and explains every key.");
    }
}
