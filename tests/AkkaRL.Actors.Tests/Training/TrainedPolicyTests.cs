using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Actors.Tests.Training;

public class TrainedPolicyTests
{
    public static TheoryData<Space> Actions => [new Discrete(3), new Box(-0.5f, 0.25f, 1)];

    [Theory]
    [MemberData(nameof(Actions))]
    public void It_acts_as_it_does_when_it_is_evaluated(Space actions)
    {
        var steps = new List<(float Observation, float Action)>();
        var env = TargetEnv.Spec([], steps, actions);
        using var policy = Policy(TinyRun.Settings with { Network = new NetworkSettings { Hidden = [16] } }, env);
        policy.Evaluate(episodes: 40, seed: 5);
        Assert.True(steps.Select(step => step.Action).Distinct().Count() > 1);
        var action = new float[1];
        foreach (var (observation, evaluated) in steps)
        {
            policy.Act([observation], action);
            Assert.Equal(evaluated, action[0], tolerance: 1e-6f); // one row and a batch may round differently
            Assert.True(actions.Contains(action));
        }
    }

    [Fact]
    public void The_same_seed_evaluates_on_the_same_episodes()
    {
        using var policy = Policy(TinyRun.Settings, TargetEnv.Spec([], []));
        Assert.Equal(policy.Evaluate(10, seed: 5), policy.Evaluate(10, seed: 5));
        Assert.NotEqual(policy.Evaluate(10, seed: 5), policy.Evaluate(10, seed: 6));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Its_tensors_cover_the_vector_without_gaps(bool sharedTrunk, bool continuous)
    {
        var settings = TinyRun.Settings with { Network = new NetworkSettings { Hidden = [4, 3], SharedTrunk = sharedTrunk } };
        using var policy = Policy(settings, TargetEnv.Spec([], [], continuous ? new Box(-1, 1, 2) : null));
        var offset = 0;
        foreach (var (_, shape, start) in policy.Tensors)
        {
            Assert.Equal(offset, start);
            offset += shape.Aggregate((a, b) => a * b);
        }
        Assert.Equal(policy.Parameters.Length, offset);
        Assert.Equal(policy.Tensors.Count, policy.Tensors.Select(tensor => tensor.Name).Distinct().Count());
    }

    [Fact]
    public void Parameters_of_another_network_are_refused()
    {
        var error = Assert.Throws<InvalidSettingsException>(() => new TrainedPolicy(TinyRun.Settings, TargetEnv.Spec([], []), new float[3]));
        Assert.Contains("has 3 parameters", error.Message, StringComparison.Ordinal);
    }

    private static TrainedPolicy Policy(RunSettings settings, EnvSpec env)
    {
        var random = new RandomStream(9);
        var parameters = new RunPlan(settings, env).InitialParameters();
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] = (float)random.NextNormal();
        return new TrainedPolicy(settings, env, parameters);
    }
}
