using System.Collections.Immutable;
using System.Text.Json;

namespace AkkaRL.Envs.Traces;

/// <summary>Episodes of an env recorded elsewhere (under Gymnasium): a seed, the actions, and everything that came back.</summary>
/// <param name="Environment">The env's id.</param>
/// <param name="Source">Who recorded it.</param>
/// <param name="Episodes">The episodes; at least one.</param>
public sealed record EnvTrace(string Environment, string Source, ImmutableArray<EnvTraceEpisode> Episodes)
{
    /// <summary>Reads a trace from UTF-8 JSON: <c>{ environment, source?, episodes: [{ seed, initialObservation, steps: [{ action,
    /// observation, reward, terminated, truncated }] }] }</c>, where actions and observations are a number or a list of numbers.</summary>
    /// <exception cref="FormatException">It is not such a trace.</exception>
    public static EnvTrace Read(Stream utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json);
            return ReadTrace(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The file is not an env trace, because it is not JSON: {exception.Message}", exception);
        }
    }

    private static EnvTrace ReadTrace(JsonElement trace)
    {
        var environment = Member(trace, "environment", JsonValueKind.String, "the trace").GetString()!;
        var source = trace.TryGetProperty("source", out var told) ? told.ToString() : "";
        var episodes = Member(trace, "episodes", JsonValueKind.Array, "the trace").EnumerateArray().Select(ReadEpisode).ToImmutableArray();
        return episodes.IsEmpty ? throw NotATrace("it has no episodes") : new EnvTrace(environment, source, episodes);
    }

    private static EnvTraceEpisode ReadEpisode(JsonElement episode, int index)
    {
        var where = $"episode {index}";
        if (!Member(episode, "seed", JsonValueKind.Number, where).TryGetUInt64(out var seed))
            throw NotATrace($"{where}'s seed is not an integer from 0 to 2^64 - 1");
        var initialObservation = Numbers(episode, "initialObservation", where);
        var steps = Member(episode, "steps", JsonValueKind.Array, where).EnumerateArray()
            .Select((step, i) => ReadStep(step, $"{where}, step {i}")).ToImmutableArray();
        return steps.SkipLast(1).Any(step => step.Terminated || step.Truncated)
            ? throw NotATrace($"{where} goes on after it has ended")
            : new EnvTraceEpisode(seed, initialObservation, steps);
    }

    private static EnvTraceStep ReadStep(JsonElement step, string where) => new(
        Numbers(step, "action", where),
        Numbers(step, "observation", where),
        Member(step, "reward", JsonValueKind.Number, where).GetDouble(),
        Flag(step, "terminated", where),
        Flag(step, "truncated", where));

    private static ImmutableArray<float> Numbers(JsonElement parent, string name, string where)
    {
        var element = Member(parent, name, kind: null, where);
        return element.ValueKind switch
        {
            JsonValueKind.Number => [element.GetSingle()],
            JsonValueKind.Array when element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
                [.. element.EnumerateArray().Select(item => item.GetSingle())],
            _ => throw NotATrace($"{where}'s \"{name}\" is neither a number nor a list of numbers"),
        };
    }

    private static bool Flag(JsonElement parent, string name, string where)
    {
        var element = Member(parent, name, kind: null, where);
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? element.GetBoolean()
            : throw NotATrace($"{where}'s \"{name}\" is neither true nor false");
    }

    private static JsonElement Member(JsonElement parent, string name, JsonValueKind? kind, string where)
    {
        if (parent.ValueKind != JsonValueKind.Object)
            throw NotATrace($"{where} is not a JSON object");
        if (!parent.TryGetProperty(name, out var element))
            throw NotATrace($"{where} has no \"{name}\"");
        return kind is null || element.ValueKind == kind ? element : throw NotATrace($"{where}'s \"{name}\" is not of the kind {kind}");
    }

    private static FormatException NotATrace(string because) => new($"The file is not an env trace, because {because}.");
}
