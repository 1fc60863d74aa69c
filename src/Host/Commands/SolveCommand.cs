using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Tabular;
using AkkaRL.Host.Reports;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Tabular;

namespace AkkaRL.Host.Commands;

/// <summary><c>akkarl solve</c>: dynamic programming and Q-learning on an env whose MDP is written out; values and policy as a grid.</summary>
internal static class SolveCommand
{
    private static readonly string[] Methods = ["value-iteration", "policy-iteration", "q-learning"];

    public static Command Create(CommandContext context)
    {
        var env = new Argument<string>("env") { Description = "A tabular env, such as frozenlake" };
        var method = new Option<string>("--method") { HelpName = string.Join('|', Methods), DefaultValueFactory = _ => Methods[0], Description = "The solver" };
        var gamma = new Option<string>("--gamma") { HelpName = "x", DefaultValueFactory = _ => "0.99", Description = "Discount a step" };
        var steps = new Option<string>("--steps") { HelpName = "n", DefaultValueFactory = _ => "1000000", Description = "Env steps of q-learning" };
        var seed = new Option<string>("--seed") { HelpName = "n", DefaultValueFactory = _ => "1", Description = "The seed of q-learning" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("solve", "Solve a tabular env: values and policy") { env, method, gamma, steps, seed, json };
        command.SetAction(result => Run(
            context, result.GetValue(env)!, result.GetValue(method)!, Number(result.GetValue(gamma)!, gamma.Name, 0, 1),
            (long)Number(result.GetValue(steps)!, steps.Name, 1, 1e12), (ulong)Number(result.GetValue(seed)!, seed.Name, 0, 1e15), result.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string id, string method, double gamma, long steps, ulong seed, bool json)
    {
        var tabular = EnvCatalog.BuiltIn.All.Where(known => IsTabular(known)).ToArray();
        if (!EnvCatalog.BuiltIn.TryFind(id, out var spec) || !tabular.Contains(spec))
        {
            var names = tabular.Select(known => known.Id).ToArray();
            var why = spec is null ? $"{id} is not an env.{NearestName.Hint(id, names)}" : $"{spec.Id} has no table of its MDP.";
            throw new BadInputException($"{why} Solve takes {string.Join(", ", names)}.");
        }
        using var interrupted = context.LeaveWhenStopped();
        using var env = (TabularEnv)spec.Create();
        var mdp = env.Mdp;
        var model = ModelOf(mdp);
        var solution = method switch
        {
            "value-iteration" => ValueIteration.Solve(model, gamma),
            "policy-iteration" => PolicyIteration.Solve(model, gamma),
            "q-learning" => TabularQLearning.Solve(model, gamma, random => Draw(mdp, random), steps, new RandomStream(seed)),
            _ => throw new BadInputException($"--method is {method}; it must be one of {string.Join(", ", Methods)}."),
        };
        double AtStart(double[] values) => Enumerable.Range(0, mdp.States).Sum(state => mdp.InitialDistribution[state] * values[state]);
        var start = AtStart(solution.Values);
        double? episodeReturn = spec.MaximumEpisodeSteps is { } limit ? AtStart(model.ReturnsWithin(solution.Policy, limit)) : null;
        context.Output.WriteLine(json
            ? JsonSerializer.Serialize(new { Environment = spec.Id, Method = method, Gamma = gamma, solution.Iterations, solution.Residual, StartValue = start, EpisodeReturn = episodeReturn, solution.Values, solution.Policy }, Json.Indented)
            : Text(spec, method, gamma, solution, start, episodeReturn));
        return ExitCodes.Success;
    }

    private static string Text(EnvSpec env, string method, double gamma, TabularSolution solution, double start, double? episodeReturn)
    {
        var (columns, names) = Layout(env.Id);
        var head = string.Create(CultureInfo.InvariantCulture,
            $"{env.Id}, {method}, gamma {gamma}: {solution.Iterations:N0} {(method == "q-learning" ? "episodes" : method == "policy-iteration" ? "policies" : "sweeps")}, Bellman residual {solution.Residual:0.0e+0}, value at the start {start:0.0000}");
        if (episodeReturn is { } earned)
            head += string.Create(CultureInfo.InvariantCulture, $"\nThe policy earns {earned:0.0000} on average, undiscounted, in an episode of at most {env.MaximumEpisodeSteps} steps.");
        // A table too large for a screen has its head only; --json has it all.
        return columns == 0 ? $"{head}\n{solution.Values.Length} states; --json prints them."
            : $"{head}\n\nValues\n{Grid(solution.Values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value,9:0.0000}")), columns)}\n\nPolicy\n{Grid(solution.Policy.Select(action => $" {names[action]}"), columns)}";
    }

    private static string Grid(IEnumerable<string> cells, int columns) => string.Join('\n', cells.Chunk(columns).Select(row => string.Concat(row)));

    /// <summary>Columns of the env's grid and its actions' arrows, in the order of Gymnasium's numbers; 0 columns for none.</summary>
    private static (int Columns, string Arrows) Layout(string id) =>
        id.StartsWith("FrozenLake8x8", StringComparison.Ordinal) ? (8, "←↓→↑")
        : id.StartsWith("FrozenLake", StringComparison.Ordinal) ? (4, "←↓→↑")
        : id.StartsWith("CliffWalking", StringComparison.Ordinal) ? (12, "↑→↓←")
        : (0, "");

    private static bool IsTabular(EnvSpec spec)
    {
        using var env = spec.Create();
        return env is TabularEnv;
    }

    private static TabularModel ModelOf(TabularMdp mdp)
    {
        var table = new Transition[mdp.States * mdp.Actions][];
        for (var i = 0; i < table.Length; i++)
            table[i] = [.. mdp.Outcomes(i / mdp.Actions, i % mdp.Actions).ToArray().Select(outcome => new Transition(outcome.Probability, outcome.NextState, outcome.Reward, outcome.Terminated))];
        return new TabularModel(mdp.States, mdp.Actions, (state, action) => table[state * mdp.Actions + action]);
    }

    private static int Draw(TabularMdp mdp, RandomStream random)
    {
        var rest = random.NextDouble();
        for (var state = 0; state < mdp.States; state++)
            if ((rest -= mdp.InitialDistribution[state]) < 0)
                return state;
        return mdp.InitialDistribution.LastIndexOf(mdp.InitialDistribution.Max());
    }

    private static double Number(string text, string option, double minimum, double maximum) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw new BadInputException($"{option} is {text}; it must be a number between {minimum} and {maximum}.");
}
