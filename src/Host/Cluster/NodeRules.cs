using AkkaRL.Actors.Training;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Cluster;

/// <summary>Whether a node trains what its cluster trains.</summary>
internal static class NodeRules
{
    /// <summary>Keys that every node has its own of.</summary>
    private static readonly string[] Own = ["akkarl.cluster.", "akkarl.telemetry.", "akkarl.environment-assembly"];

    /// <exception cref="BadInputException">A setting differs that makes it another experiment.</exception>
    public static void RequireSame(RunSettings clusters, RunSettings asked)
    {
        foreach (var (theirs, mine) in SettingKeys.Walk(clusters).Zip(SettingKeys.Walk(asked)))
        {
            var (trained, wanted) = (SettingText.Write(theirs.Property.GetValue(theirs.Owner)!), SettingText.Write(mine.Property.GetValue(mine.Owner)!));
            if (trained != wanted && !ResumeRules.IsFree(mine.Key))
                throw new BadInputException($"The cluster trains with {mine.Key} = {trained}, and this node is told {wanted}: that is another experiment. Name the same experiment and the same settings, or none at all with akkarl node.");
        }
    }

    /// <exception cref="BadInputException">A key is set that the cluster decides.</exception>
    public static void RequireOwn(IEnumerable<KeyValuePair<string, SettingValue>> assigned)
    {
        foreach (var (key, value) in assigned)
            if (!Own.Any(start => key.StartsWith(start, StringComparison.Ordinal)))
                throw new BadInputException($"{key} ({value.Origin}) is for the whole run, which the first node was started with: a node sets keys of akkarl.cluster and akkarl.telemetry only. Leave it out, or name the experiment, so that the two are compared.");
    }
}
