using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;

namespace AkkaRL.Actors.Tests.Training;

/// <summary>Which algorithm serves which spaces, and the refusals of the others: by key, value and remedy, before anything starts.</summary>
public class SpaceValidationTests
{
    private static readonly Space[] Kinds = [new Discrete(2), new MultiDiscrete([2, 3]), new Box(-1, 1, 2)];

    public static TheoryData<string> Names => [.. AlgorithmCatalog.All.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_algorithm_serves_the_spaces_that_it_says(string name)
    {
        var served = Kinds.Where(kind => Record.Exception(() => Plan(name, kind)) is not InvalidSettingsException).Select(kind => kind.GetType().Name);
        Assert.Equal(AlgorithmCatalog.Find(name).ActionSpaces, served);
    }

    [Theory]
    [InlineData("dqn", "akkarl.algorithm is \"dqn\", which chooses among Discrete actions, but the env has actions of MultiDiscrete(2, 3). Set akkarl.algorithm to one of a3c, ppo, a2c, ppo-kl, reinforce, off-policy-gradient, impala, or take")]
    [InlineData("async-sarsa", "akkarl.algorithm is \"async-sarsa\", which chooses among Discrete actions, but the env has actions of MultiDiscrete(2, 3). Set akkarl.algorithm to one of a3c, ppo")]
    [InlineData("td3", "akkarl.algorithm is \"td3\", which chooses Box actions and knows no masks, but the env has actions of MultiDiscrete(2, 3). Set akkarl.algorithm to one of a3c, ppo")]
    public void Several_choices_at_once_are_refused_with_the_algorithms_that_make_them(string algorithm, string message) =>
        AssertRefused(message, algorithm, new MultiDiscrete([2, 3]));

    [Theory]
    [InlineData("ddpg")]
    [InlineData("td3")]
    [InlineData("sac")]
    public void An_algorithm_that_knows_no_masks_refuses_an_env_with_one(string algorithm) => AssertRefused(
        $"akkarl.algorithm is \"{algorithm}\", which chooses Box actions and knows no masks, but the env has actions of Discrete(4). Set akkarl.algorithm to one of a3c, async-one-step-q, async-sarsa, async-n-step-q, ppo, a2c, ppo-kl, reinforce, off-policy-gradient, impala, dqn, or take",
        algorithm, new Discrete(4), isMasked: true);

    [Theory]
    [InlineData("a3c")]
    [InlineData("sac")]
    public void A_mask_of_actions_that_are_no_choices_is_refused(string algorithm) => AssertRefused(
        "Stub-v0 says that it has an action mask, but its actions are Box(2), of which none can be masked. Let HasActionMask be false, or make the actions Discrete or MultiDiscrete.",
        algorithm, new Box(-1, 1, 2), isMasked: true);

    public static TheoryData<Space> OutOfBounds => [new Discrete(4097), new Discrete(0), new MultiDiscrete([2, 4097]), new MultiDiscrete([2, 0]), new MultiDiscrete([]), new MultiDiscrete([4096, 4096, 4096, 4096, 1])];

    [Theory]
    [MemberData(nameof(OutOfBounds))]
    public void Choices_of_too_many_values_or_none_are_refused(Space actions) => AssertRefused(
        $"Stub-v0 has actions of {actions}, of which akkarl.algorithm, ppo, cannot make a policy: a choice has 1 to 4096 values, and all choices together at most 16384. Split or coarsen", "ppo", actions);

    [Fact]
    public void The_plan_knows_the_mask_and_flattens_observations_of_several_indices()
    {
        var plan = new RunPlan(TinyRun.Settings, EnvCatalog.BuiltIn.Find("KnightsTour-v0"));
        Assert.Equal((25, 50), (plan.MaskSize, plan.ObservationSize));
        plan = new RunPlan(TinyRun.Settings, EnvCatalog.BuiltIn.Find("Crane-v0"));
        Assert.Equal((0, 20, 3, 8 + 1), (plan.MaskSize, plan.ObservationSize, plan.Policy.ActionSize, plan.Network.Outputs));
    }

    private static void AssertRefused(string message, string algorithm, Space actions, bool isMasked = false) =>
        Assert.Contains(message, Assert.Throws<InvalidSettingsException>(() => Plan(algorithm, actions, isMasked)).Message, StringComparison.Ordinal);

    private static RunPlan Plan(string algorithm, Space actions, bool isMasked = false) =>
        new(new RunSettings { Algorithm = algorithm }, new EnvSpec("Stub-v0", "", () => new Stub(actions, isMasked)));

    private sealed class Stub(Space actions, bool isMasked) : IEnv
    {
        public Space ObservationSpace { get; } = new Box(-1, 1, 1);

        public Space ActionSpace => actions;

        public bool HasActionMask => isMasked;

        public void Reset(ulong? seed, Span<float> observation) => throw new NotSupportedException();

        public StepResult Step(ReadOnlySpan<float> action, Span<float> observation) => throw new NotSupportedException();
    }
}
