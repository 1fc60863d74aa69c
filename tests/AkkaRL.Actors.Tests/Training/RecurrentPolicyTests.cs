using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Tests.Training;

/// <summary>A policy with a memory, evaluated and used: it remembers within an episode, and forgets between them.</summary>
public class RecurrentPolicyTests
{
    private static readonly EnvSpec Recall = EnvCatalog.BuiltIn.Find("Recall-v0");

    private static readonly RunSettings Settings = TinyRun.Settings with { Network = new NetworkSettings { Hidden = [], Recurrent = RecurrentKind.LSTM, RecurrentUnits = 1 } };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(32)]
    public void An_evaluation_of_any_width_is_that_of_episodes_played_one_by_one(int slots)
    {
        const int Episodes = 100;
        var plan = new RunPlan(Settings, Recall);
        var parameters = Random(plan);
        using var evaluation = new PolicyEvaluation(plan, slots);
        var expected = PlayOneByOne(parameters, Episodes, new RandomStream(3));
        Assert.InRange(expected, 0.2, 0.8);
        Assert.Equal(expected, evaluation.Play(parameters, Episodes, new RandomStream(3)).Mean);
        Assert.Equal(expected, evaluation.Play(parameters, Episodes, new RandomStream(3)).Mean);
    }

    [Fact]
    public void A_memory_made_by_hand_recalls_every_cue()
    {
        using var policy = new TrainedPolicy(Settings, Recall, Remembering());
        Assert.Equal(new EvaluationResult(200, 1, 0, 1, 1), policy.Evaluate(200, seed: 5));
    }

    [Fact]
    public void Its_tensors_are_named()
    {
        using var policy = new TrainedPolicy(Settings, Recall, Remembering());
        Assert.Equal(
            ["towers.0.0.weight: 4, 4 at 0", "towers.0.0.bias: 4 at 16", "towers.0.1.weight: 1, 3 at 20", "towers.0.1.bias: 3 at 23"],
            policy.Tensors.Select(tensor => $"{tensor.Name}: {string.Join(", ", tensor.Shape)} at {tensor.Offset}"));
    }

    /// <summary>One unit that adds up -1 for cue 0 and 1 for cue 1, and forgets nothing. It also shows how the flat vector is arranged.</summary>
    private static float[] Remembering()
    {
        const float Open = 20;
        return
        [
            0, 0, 0, -Open, // cue 0 to the input, forget and output gate and the candidate
            0, 0, 0, Open, // cue 1
            0, 0, 0, 0, // the question
            0, 0, 0, 0, // h
            Open, Open, Open, 0, // all gates open; without a cue the candidate is 0
            -1, 1, 0, // h to the two actions and the value
            0, 0, 0,
        ];
    }

    private static double PlayOneByOne(float[] parameters, int episodes, RandomStream seeds)
    {
        using var policy = new TrainedPolicy(Settings, Recall, parameters);
        using var env = EnvCatalog.Make(Recall);
        var (observation, action, sum) = (new float[3], new float[1], 0.0);
        for (var episode = 0; episode < episodes; episode++)
        {
            env.Reset(seeds.NextBits(), observation);
            policy.BeginEpisode();
            StepResult result;
            do
            {
                policy.Act(observation, action);
                result = env.Step(action, observation);
            }
            while (!result.EpisodeEnded);
            sum += result.Reward;
        }
        return sum / episodes;
    }

    /// <summary>Such that the answer depends on much of what was seen, and of what was not.</summary>
    private static float[] Random(RunPlan plan)
    {
        var random = new RandomStream(12);
        return [.. Enumerable.Range(0, plan.Layout.Count).Select(_ => 3 * (float)random.NextNormal())];
    }
}
