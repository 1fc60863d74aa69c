using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Host.Reports;
using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl list</c>: what can be named on the command line, a line each.</summary>
internal static class ListCommand
{
    public static Command Create(CommandContext context)
    {
        var assembly = new Option<string>("--env-assembly") { HelpName = "path", Description = "A .dll with envs of your own, to list them too" };
        var json = new Option<bool>("--json") { Description = "Print it as JSON" };
        var command = new Command("list", "List algorithms, envs and experiments") { assembly, json };
        command.SetAction(result => Run(context, result.GetValue(assembly) is { } path ? Path.GetFullPath(path, context.CurrentFolder) : "", result.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string assembly, bool json)
    {
        var envs = EnvAssembly.Catalog(assembly).All;
        var experiments = HoconFolder.Experiments();
        if (json)
            context.Output.WriteLine(JsonSerializer.Serialize(new
            {
                Algorithms = AlgorithmCatalog.All,
                Environments = envs.Select(env => new { env.Id, env.Summary, env.MaximumEpisodeSteps, env.SolvedAt }),
                Experiments = experiments.Select(experiment => new { experiment.Name, experiment.Summary }),
            }, Json.Indented));
        else
        {
            Write(context.Output, "Algorithms", AlgorithmCatalog.All.Select(algorithm =>
                (algorithm.Name, $"{algorithm.Summary} ({algorithm.Shape}; {string.Join(", ", algorithm.ActionSpaces)})")));
            Write(context.Output, "Environments", envs.Select(env => (env.Id, env.Summary + Mark(env))));
            Write(context.Output, "Experiments", experiments);
        }
        return ExitCodes.Success;
    }

    private static string Mark(EnvSpec env) => env.SolvedAt is { } mark ? string.Create(CultureInfo.InvariantCulture, $" (solved at {mark:0.###})") : "";

    private static void Write(TextWriter output, string title, IEnumerable<(string Name, string Summary)> rows)
    {
        output.WriteLine(title);
        foreach (var (name, summary) in rows)
            output.WriteLine($"  {name,-28} {summary}");
        output.WriteLine();
    }
}
