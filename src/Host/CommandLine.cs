using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Training;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Host.Commands;
using AkkaRL.Host.Reports;

namespace AkkaRL.Host;

/// <summary>akkarl's command line: the commands, and what becomes of everything that can go wrong in them.</summary>
internal static class CommandLine
{
    private const string Examples = """
        Examples:
          akkarl train cartpole
          akkarl train cartpole --seed 7 --workers 4 --set a3c.rollout-steps=20
          akkarl train --env Pendulum-v1 --steps 1e6 --json > summary.json
          akkarl resume runs/20261123-120000-cartpole-1
          akkarl evaluate runs/20261123-120000-cartpole-1 --episodes 100
          akkarl train cartpole --cluster hocon/cluster.conf
          akkarl node --role worker --seed-node 127.0.0.1:4053
          akkarl status --seed-node 127.0.0.1:4053
          akkarl recommend --env Pendulum-v1 --data-is-costly
          akkarl benchmark learning cartpole --seeds 1,2,3
          akkarl doctor
        """;

    /// <summary>Runs one command line to its exit code. Never throws.</summary>
    public static async Task<int> RunAsync(string[] arguments, CommandContext context)
    {
        try
        {
            var root = Create(context);
            var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is not HelpWithExamples)
                RefuseUnparsed(parsed);
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = context.Output,
                Error = context.Error,
                EnableDefaultExceptionHandler = false,
                // Ctrl-C and SIGTERM are ours: see Interruption.
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception error) when (error is BadInputException or InvalidSettingsException or SnapshotStorageException or NodeRefusedException)
        {
            context.Error.WriteLine(error.Message);
            return ExitCodes.BadInput;
        }
        catch (Exception error) when (error is ClusterLeftException or LearnerFencedException)
        {
            context.Error.WriteLine(error.Message);
            return ExitCodes.PutOut;
        }
        catch (EnvFaultException error)
        {
            context.Error.WriteLine($"{error.Message} Correct the env.");
            return ExitCodes.Failure;
        }
        catch (ResultsUnwrittenException error)
        {
            context.Error.WriteLine(error.Message);
            return ExitCodes.Failure;
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception error)
        {
            context.Error.WriteLine($"This is a bug in akkarl: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} {KeepDetails(error, context.Time)}");
            return ExitCodes.Failure;
        }
    }

    private static RootCommand Create(CommandContext context)
    {
        var root = new RootCommand("AkkaRL: deep reinforcement learning with supervised actors.")
        {
            TrainCommand.Create(context), NodeCommand.Create(context), StatusCommand.Create(context), ResumeCommand.Create(context), InspectCommand.Create(context), EvaluateCommand.Create(context), SolveCommand.Create(context), ListCommand.Create(context), RecommendCommand.Create(context), BenchmarkCommand.Create(context), VerifyEnvCommand.Create(context), DoctorCommand.Create(context),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary>What System.CommandLine could not read, and what it would read as a value though it was meant as an option.</summary>
    private static void RefuseUnparsed(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var help = command is RootCommand ? "`akkarl --help` shows what can be written." : $"`akkarl {PathOf(parsed.CommandResult)} --help` shows what can be written.";
        var option = parsed.Tokens.FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', not (>= '0' and <= '9' or '.'), ..])?.Value;
        if (option is not null)
            throw new BadInputException($"{option} is not an option here.{NearestName.Hint(option, command.Options.SelectMany(known => known.Aliases.Prepend(known.Name)))} {help}");
        if (parsed.Errors.Count == 0)
            return;
        var commands = command.Subcommands.Select(known => known.Name).ToArray();
        throw new BadInputException(commands.Length == 0 ? $"{parsed.Errors[0].Message.ReplaceLineEndings(" ")} {help}"
            : parsed.UnmatchedTokens.Count > 0 ? $"{parsed.UnmatchedTokens[0]} is not a command.{NearestName.Hint(parsed.UnmatchedTokens[0], commands)} {help}"
            : $"A command is missing: {string.Join(", ", commands)}. {help}");
    }

    /// <summary>The words that name a command, those of the commands that it is part of first.</summary>
    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } above ? $"{PathOf(above)} {result.Command.Name}" : result.Command.Name;

    private static string KeepDetails(Exception error, TimeProvider time)
    {
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"akkarl-bug-{time.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt"));
        try
        {
            File.WriteAllText(path, error.ToString());
            return $"The details are in {path}; please report them.";
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return $"Please report it with these details:\n{error}";
        }
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is RootCommand)
                parseResult.InvocationConfiguration.Output.WriteLine($"{Examples}\n\n{ExitCodes.Help}");
            return ExitCodes.Success;
        }
    }
}
