using System.Text;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Settings;

/// <summary>Writes complete settings as HOCON that reads back to an equal record: the effective.conf of a run.</summary>
internal static class SettingsWriter
{
    public static string Write(RunSettings settings)
    {
        var text = new StringBuilder("# Every setting of this run, as it was in effect.\n");
        WriteSection(text, SettingKeys.Root, settings, "");
        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, string name, object record, string indent)
    {
        text.Append(indent).Append(name).Append(" {\n");
        foreach (var property in SettingKeys.PropertiesOf(record.GetType()))
        {
            var (key, value) = (SettingKeys.Of(property.Name), property.GetValue(record)!);
            if (SettingKeys.IsSection(property.PropertyType))
                WriteSection(text, key, value, indent + "  ");
            else
                text.Append(indent).Append("  ").Append(key).Append(" = ").Append(SettingText.Write(value)).Append('\n');
        }
        text.Append(indent).Append("}\n");
    }
}
