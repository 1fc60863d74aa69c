using System.Diagnostics;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using static TorchSharp.torch;

namespace AkkaRL.Benchmarks;

/// <summary>
/// Env-steps/s of whole CartPole training runs, everything included: A3C with one and two workers, and beside them, in the same minute
/// on the same machine, the loop that a TorchSharp user would write.
/// </summary>
internal static class Throughput
{
    private const int Rounds = 5;
    private const int RolloutSteps = 20;
    /// <summary>Some seconds, so that how a run begins hardly counts.</summary>
    private const long Steps = 10_000_000;
    private const int ReferenceSteps = 10_000;

    /// <summary>Measures in turns, so that what disturbs one disturbs all, and prints medians as a Markdown table.</summary>
    public static async Task PrintAsync(TextWriter output)
    {
        await TrainAsync(1, Steps / 50); // compiles
        Reference(ReferenceSteps / 10);
        var (one, two, reference) = (new List<Rate>(), new List<Rate>(), new List<Rate>());
        for (var round = 0; round < Rounds; round++)
        {
            one.Add(await TrainAsync(1, Steps));
            two.Add(await TrainAsync(2, Steps));
            reference.Add(Reference(ReferenceSteps));
        }
        output.WriteLine(
            $"CartPole-v1, {RolloutSteps}-step rollouts, 4-64-64-3 tanh, RMSProp; "
            + $"{Environment.ProcessorCount} cores; median (range) of {Rounds}.");
        output.WriteLine();
        output.WriteLine("| Training | env-steps/s | ratio | env-steps per CPU second |");
        output.WriteLine("|---|---|---|---|");
        Row("TorchSharp module, autograd, one thread", reference);
        Row("A3C, 1 worker", one);
        Row("A3C, 2 workers", two);
        output.WriteLine();
        output.WriteLine($"2 workers to 1: {Median(Wall(two)) / Median(Wall(one)):0.00}x.");

        void Row(string what, List<Rate> rates)
        {
            var wall = Wall(rates).ToArray();
            output.WriteLine(
                $"| {what} | {Median(wall):N0} ({wall.Min():N0} to {wall.Max():N0}) | {Median(wall) / Median(Wall(reference)):0}x "
                + $"| {Median(rates.Select(rate => rate.PerProcessorSecond)):N0} |");
        }

        static IEnumerable<double> Wall(List<Rate> rates) => rates.Select(rate => rate.PerSecond);
    }

    /// <summary>Env-steps/s by the clock, and by the processor time of this process, which neighbours on the machine do not change.</summary>
    private sealed record Rate(double PerSecond, double PerProcessorSecond);

    private static double Median(IEnumerable<double> rates) => rates.Order().ElementAt(rates.Count() / 2);

    private static async Task<Rate> TrainAsync(int workers, long steps)
    {
        var settings = new RunSettings
        {
            Workers = workers,
            TotalSteps = steps,
            StopWhenSolved = false,
            A3C = new A3CSettings { RolloutSteps = RolloutSteps },
            Evaluation = new EvaluationSettings { IntervalSteps = 0, FinalEpisodes = 0 },
            Metrics = new MetricsSettings { IntervalSteps = 100_000 },
        };
        var processorTime = Environment.CpuUsage.TotalTime;
        var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find("CartPole-v1"));
        return new Rate(result.Summary.EnvironmentStepsPerSecond, steps / (Environment.CpuUsage.TotalTime - processorTime).TotalSeconds);
    }

    /// <summary>
    /// Advantage actor-critic on one env as tutorials have it: a module, a distribution a step, autograd through the loss.
    /// </summary>
    private static Rate Reference(int steps)
    {
        using var env = EnvCatalog.BuiltIn.Make("CartPole-v1");
        using var module = new IdiomaticActorCritic(4, 2, [64, 64], Activation.Tanh);
        var optimizer = optim.RMSProp(module.parameters(), 7e-4);
        var observation = new float[4];
        env.Reset(1, observation);
        var (started, processorTime) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        for (var taken = 0; taken < steps; taken += RolloutSteps)
        {
            using var scope = NewDisposeScope();
            Rollout(env, module, optimizer, observation);
        }
        return new Rate(
            steps / Stopwatch.GetElapsedTime(started).TotalSeconds, steps / (Environment.CpuUsage.TotalTime - processorTime).TotalSeconds);
    }

    private static void Rollout(IEnv env, IdiomaticActorCritic module, optim.Optimizer optimizer, float[] observation)
    {
        var (observations, actions) = (new List<Tensor>(), new List<long>());
        var (rewards, ends) = (new float[RolloutSteps], new bool[RolloutSteps]);
        for (var t = 0; t < RolloutSteps; t++)
        {
            var input = tensor(observation);
            observations.Add(input);
            using (no_grad())
                actions.Add(distributions.Categorical(logits: module.forward(input).Logits).sample().item<long>());
            var result = env.Step([actions[t]], observation);
            (rewards[t], ends[t]) = ((float)result.Reward, result.EpisodeEnded);
            if (result.EpisodeEnded)
                env.Reset(null, observation);
        }
        var returns = new float[RolloutSteps];
        float next;
        using (no_grad())
            next = module.forward(tensor(observation)).Values.item<float>();
        for (var t = RolloutSteps - 1; t >= 0; t--)
            returns[t] = next = rewards[t] + (ends[t] ? 0 : 0.99f * next);

        var (logits, values) = module.forward(stack(observations));
        var advantages = tensor(returns) - values.squeeze(1);
        var logPi = distributions.Categorical(logits: logits).log_prob(tensor(actions.ToArray()));
        var loss = -(advantages.detach() * logPi).mean() + 0.5 * advantages.pow(2).mean();
        optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(module.parameters(), 0.5);
        optimizer.step();
    }
}
