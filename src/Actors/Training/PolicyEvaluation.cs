using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Training;

/// <summary>Plays greedy episodes, several envs in step so that the network works on batches. Not thread-safe.</summary>
public sealed class PolicyEvaluation : IDisposable
{
    private const int MaximumEnvs = 32;

    private readonly RunPlan plan;
    private readonly IEnv[] envs;
    private readonly INetwork network;
    private readonly float[] observations;
    private readonly float[] states;
    private readonly double[] returns;
    private readonly int[] lengths;
    private readonly float[] envAction;
    private readonly bool[] mask;

    /// <summary>Makes the envs, as many as there may be episodes, at most 32.</summary>
    public PolicyEvaluation(RunPlan plan, int episodesMaximum)
    {
        this.plan = plan;
        var count = Math.Clamp(episodesMaximum, 1, MaximumEnvs);
        envs = [.. Enumerable.Range(0, count).Select(_ => plan.MakeEnv())];
        network = plan.MakeNetwork(count);
        observations = new float[count * plan.ObservationSize];
        states = new float[count * plan.Network.StateSize];
        returns = new double[count];
        lengths = new int[count];
        envAction = new float[plan.ActionSpace.Size];
        mask = new bool[plan.MaskSize];
    }

    /// <summary>Plays <paramref name="episodes"/> whole episodes, each reset with the next seed, and sums up their raw returns.</summary>
    /// <param name="parameters">θ [P].</param>
    /// <param name="episodes">How many, at least 1.</param>
    /// <param name="seeds">Where the episodes' seeds come from.</param>
    /// <exception cref="EnvFaultException">The env threw or returned something invalid.</exception>
    public EvaluationResult Play(ReadOnlySpan<float> parameters, int episodes, RandomStream seeds)
    {
        network.Load(parameters);
        var finished = new List<double>(episodes);
        var active = Math.Min(envs.Length, episodes);
        var begun = active;
        for (var slot = 0; slot < active; slot++)
            Begin(slot, seeds);
        while (active > 0)
        {
            var outputs = network.Forward(observations.AsSpan(0, active * plan.ObservationSize), states.AsSpan(0, active * plan.Network.StateSize));
            for (var slot = active - 1; slot >= 0; slot--)
            {
                if (!Step(slot, outputs.Slice(slot * plan.Network.Outputs, plan.Network.Outputs)))
                    continue;
                finished.Add(returns[slot]);
                if (begun++ < episodes)
                    Begin(slot, seeds);
                else
                    Retire(slot, --active);
            }
        }
        return Summarize(finished);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        network.Dispose();
        foreach (var env in envs)
            env.Dispose();
    }

    private Span<float> Observation(int slot) => observations.AsSpan(slot * plan.ObservationSize, plan.ObservationSize);

    private Span<float> State(int slot) => states.AsSpan(slot * plan.Network.StateSize, plan.Network.StateSize);

    private void Begin(int slot, RandomStream seeds)
    {
        State(slot).Clear();
        (returns[slot], lengths[slot]) = (0, 0);
        envs[slot].Reset(seeds.NextBits(), Observation(slot));
    }

    private bool Step(int slot, ReadOnlySpan<float> output)
    {
        if (mask.Length > 0)
            envs[slot].WriteActionMask(mask);
        plan.Policy.ActGreedily(output, envAction, mask);
        var result = envs[slot].Step(envAction, Observation(slot));
        returns[slot] += result.Reward;
        return result.EpisodeEnded || ++lengths[slot] == plan.Settings.Evaluation.MaximumEpisodeSteps;
    }

    /// <summary>Puts the last active env in the place of one that is finished, so that the active rows stay together.</summary>
    private void Retire(int slot, int last)
    {
        (envs[slot], envs[last]) = (envs[last], envs[slot]);
        (returns[slot], lengths[slot]) = (returns[last], lengths[last]);
        Observation(last).CopyTo(Observation(slot));
        State(last).CopyTo(State(slot));
    }

    private static EvaluationResult Summarize(List<double> returns)
    {
        var mean = returns.Average();
        var deviation = Math.Sqrt(returns.Average(value => (value - mean) * (value - mean)));
        return new EvaluationResult(returns.Count, mean, deviation, returns.Min(), returns.Max());
    }
}
