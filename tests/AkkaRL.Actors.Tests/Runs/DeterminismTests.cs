using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Networks;

namespace AkkaRL.Actors.Tests.Runs;

public class DeterminismTests
{
    [Theory]
    [InlineData(1, EngineKind.Fused)]
    [InlineData(2, EngineKind.Fused)]
    [InlineData(3, EngineKind.Fused)]
    [InlineData(2, EngineKind.Torch)]
    public async Task The_same_seed_makes_the_same_parameters_bit_for_bit(int workers, EngineKind engine)
    {
        var settings = Settings(workers) with { Engine = engine };
        Assert.Equal(await ShaAsync(settings), await ShaAsync(settings));
    }

    [Fact]
    public async Task Another_seed_or_another_number_of_workers_makes_others()
    {
        var settings = Settings(workers: 2);
        var parameters = new[] { await ShaAsync(settings), await ShaAsync(settings with { Seed = 2 }), await ShaAsync(settings with { Workers = 3 }) };
        Assert.Equal(3, parameters.Distinct().Count());
    }

    /// <summary>With evaluations in between, whose time must not matter, and a last grant that is short.</summary>
    private static RunSettings Settings(int workers) => TinyRun.Settings with
    {
        Workers = workers,
        TotalSteps = 1003,
        Deterministic = true,
        Evaluation = new EvaluationSettings { IntervalSteps = 200, Episodes = 2, FinalEpisodes = 0 },
    };

    private static async Task<string> ShaAsync(RunSettings settings) => (await TinyRun.StartAsync(settings, TinyRun.CartPole)).Summary.ParametersSha256;
}
