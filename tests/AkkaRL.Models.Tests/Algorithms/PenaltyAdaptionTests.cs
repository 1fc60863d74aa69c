using AkkaRL.Models.Algorithms;

namespace AkkaRL.Models.Tests.Algorithms;

public sealed class PenaltyAdaptionTests
{
    [Theory]
    [InlineData(0.005, 0.5)] // Too near the old policy: a lighter penalty.
    [InlineData(0.01, 1)]
    [InlineData(0.014, 1)]
    [InlineData(0.02, 2)] // Too far from it: a heavier one.
    public void The_penalty_halves_and_doubles_about_its_target(double divergence, double expected) =>
        Assert.Equal(expected, PPOKl.Adapt(1, divergence, target: 0.01));

    [Fact]
    public void The_penalty_never_vanishes() => Assert.Equal(1e-4, PPOKl.Adapt(1e-4, 0, target: 0.01));
}
