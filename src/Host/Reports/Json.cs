using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>How everything the host writes looks as JSON: camel case, invariant, a number that is none as null, a run's event with its kind.</summary>
internal static class Json
{
    /// <summary>One line.</summary>
    public static JsonSerializerOptions Line { get; } = Options(indented: false);

    /// <summary>For people to read as well.</summary>
    public static JsonSerializerOptions Indented { get; } = Options(indented: true);

    private static JsonSerializerOptions Options(bool indented) => new()
    {
        WriteIndented = indented,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { DescribeEvents } },
    };

    private static void DescribeEvents(JsonTypeInfo type)
    {
        if (type.Type == typeof(RunEvent))
            type.PolymorphismOptions = new JsonPolymorphismOptions
            {
                TypeDiscriminatorPropertyName = "kind",
                DerivedTypes =
                {
                    new JsonDerivedType(typeof(ProgressReported), "progress"),
                    new JsonDerivedType(typeof(EvaluationReported), "evaluation"),
                    new JsonDerivedType(typeof(FaultReported), "fault"),
                },
            };
        foreach (var property in type.Properties)
        {
            // "kind" says which event it is; the fault's own kind goes by another name. Parameters belong in the policy files.
            if (type.Type == typeof(FaultReported) && property.Name == "kind")
                property.Name = "fault";
            if (property.PropertyType == typeof(ReadOnlyMemory<float>))
                property.ShouldSerialize = (_, _) => false;
        }
    }

    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }

        public override bool HandleNull => true;
    }
}
