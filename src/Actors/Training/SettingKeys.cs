using System.Reflection;
using System.Text;

namespace AkkaRL.Actors.Training;

/// <summary>Which HOCON key a property of <see cref="RunSettings"/> has: the one place that knows the naming rule.</summary>
public static class SettingKeys
{
    /// <summary>The section that all settings live in.</summary>
    public const string Root = "akkarl";

    /// <summary>A property's key: <c>RolloutSteps</c> is <c>rollout-steps</c>, <c>A3C</c> is <c>a3c</c>.</summary>
    public static string Of(string property)
    {
        var key = new StringBuilder();
        for (var i = 0; i < property.Length; i++)
        {
            var startsWord = i > 0 && char.IsUpper(property[i])
                && (char.IsLower(property[i - 1]) || (i + 1 < property.Length && char.IsLower(property[i + 1])));
            if (startsWord)
                key.Append('-');
            key.Append(char.ToLowerInvariant(property[i]));
        }
        return key.ToString();
    }

    /// <summary>Whether a property of this type is a section of keys rather than a value.</summary>
    public static bool IsSection(Type type) => type.IsClass && type != typeof(string);

    /// <summary>The properties of a settings record that have keys, in order of declaration.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);

    /// <summary>Every setting below a record: its full key, the record that holds it and its property, in order of declaration.</summary>
    public static IEnumerable<(string Key, object Owner, PropertyInfo Property)> Walk(object record, string path = Root)
    {
        foreach (var property in PropertiesOf(record.GetType()))
        {
            var key = $"{path}.{Of(property.Name)}";
            if (!IsSection(property.PropertyType))
                yield return (key, record, property);
            else
                foreach (var below in Walk(property.GetValue(record)!, key))
                    yield return below;
        }
    }
}
