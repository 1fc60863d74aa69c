using AkkaRL.Envs.ClassicControl;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Envs.Tests;

public class EnvCatalogTests
{
    private static readonly EnvCatalog Catalog = EnvCatalog.BuiltIn;

    [Theory]
    [InlineData("CartPole-v1", "CartPole-v1")]
    [InlineData("cartpole-V1", "CartPole-v1")]
    [InlineData("cartpole", "CartPole-v1")]
    [InlineData("FrozenLake8x8NotSlippery", "FrozenLake8x8NotSlippery-v1")]
    public void An_env_is_found_by_its_id_with_any_capitals_or_no_version(string asked, string found) =>
        Assert.Equal(found, Catalog.Find(asked).Id);

    [Fact]
    public void An_exact_id_comes_before_one_with_other_capitals()
    {
        var catalog = Catalog.With(new EnvSpec("Mine-v0", "", () => new CartPole())).With(new EnvSpec("Mine-v2", "", () => new CartPole()));
        Assert.Equal("Mine-v0", catalog.Find("Mine-v0").Id);
        Assert.Equal("Mine-v2", catalog.Find("mine").Id);
    }

    [Theory]
    [InlineData("CartPole-v7")]
    [InlineData("Cart")]
    [InlineData("")]
    public void An_unknown_env_is_refused_with_those_there_are(string id)
    {
        Assert.False(Catalog.TryFind(id, out _));
        var thrown = Assert.Throws<ArgumentException>(() => Catalog.Find(id));
        Assert.Contains("CartPole-v1, MountainCar-v0", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_is_given_once()
    {
        var thrown = Assert.Throws<ArgumentException>(() => Catalog.With(new EnvSpec("cartpole-v1", "", () => new CartPole())));
        Assert.Contains("taken", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adding_an_env_leaves_the_catalog_as_it_was()
    {
        var extended = Catalog.With(new EnvSpec("Mine-v0", "", () => new CartPole()));
        Assert.Equal(Catalog.All.Length + 1, extended.All.Length);
        Assert.False(Catalog.TryFind("Mine-v0", out _));
    }

    [Fact]
    public void An_env_is_made_with_its_time_limit()
    {
        Assert.IsType<TimeLimit>(Catalog.Make("CartPole-v1"));
        Assert.IsNotType<TimeLimit>(Catalog.Make("CliffWalking-v0"));
    }

    [Fact]
    public void Marked_envs_of_an_assembly_are_collected_and_guarded()
    {
        var spec = Catalog.WithAssembly(typeof(MarkedEnv).Assembly).Find("Marked-v0");
        Assert.Equal(("A marked env.", 20, null), (spec.Summary, spec.MaximumEpisodeSteps, spec.SolvedAt));
        using var env = spec.Create();
        Assert.IsType<MarkedEnv>(Assert.IsType<ValidatedEnv>(env).Inner);
    }

    [Fact]
    public void An_assembly_without_marked_envs_is_refused() =>
        Assert.Throws<ArgumentException>(() => Catalog.WithAssembly(typeof(IEnv).Assembly));

    [Fact]
    public void Every_env_has_a_mark_and_a_summary() =>
        Assert.All(Catalog.All, spec => Assert.True(spec.SolvedAt is not null && spec.Summary.Length > 0));
}

[EnvId("Marked-v0", Summary = "A marked env.", MaximumEpisodeSteps = 20)]
public sealed class MarkedEnv : IEnv
{
    public Space ObservationSpace { get; } = new Discrete(1);

    public Space ActionSpace { get; } = new Discrete(1);

    public void Reset(ulong? seed, Span<float> observation) => observation[0] = 0;

    public StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        observation[0] = 0;
        return default;
    }
}
