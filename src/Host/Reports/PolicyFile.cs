using System.Globalization;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;

namespace AkkaRL.Host.Reports;

/// <summary>A run's policies on disk: <c>best.safetensors</c> and <c>last.safetensors</c>.</summary>
internal static class PolicyFile
{
    public const string Best = "best.safetensors";
    public const string Last = "last.safetensors";

    public static void Write(string path, TrainedPolicy policy, RunSettings settings, long globalStep) =>
        AtomicFile.Write(path, stream => Safetensors.Write(stream, policy.Parameters.Span, policy.Tensors, new Dictionary<string, string>
        {
            ["format"] = "akkarl 1",
            ["algorithm"] = settings.Algorithm,
            ["environment"] = settings.Environment,
            ["globalStep"] = globalStep.ToString(CultureInfo.InvariantCulture),
        }));

    /// <exception cref="BadInputException">The file is not there, is damaged, or holds a policy of another network.</exception>
    public static TrainedPolicy Read(string path, RunSettings settings, EnvSpec env)
    {
        try
        {
            return new TrainedPolicy(settings, env, Safetensors.Read(File.ReadAllBytes(path)).Values);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new BadInputException($"The policy {path} cannot be read: {error.Message.TrimEnd('.')}. Take the run's other policy with --policy, or train again.");
        }
    }
}
