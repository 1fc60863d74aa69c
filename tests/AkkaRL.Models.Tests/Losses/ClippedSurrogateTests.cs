using AkkaRL.Models.Losses;

namespace AkkaRL.Models.Tests.Losses;

public sealed class ClippedSurrogateTests
{
    [Theory]
    [InlineData(1.0f, 2.0f, -2.0f, -2.0f)]
    [InlineData(1.1f, 2.0f, -2.2f, -2.2f)]
    [InlineData(1.5f, 2.0f, -2.4f, 0.0f)] // A rewarded action that is already likelier by more than the range.
    [InlineData(0.5f, 2.0f, -1.0f, -1.0f)]
    [InlineData(0.5f, -2.0f, 1.6f, 0.0f)] // A punished action that is already less likely by more than the range.
    [InlineData(1.5f, -2.0f, 3.0f, 3.0f)]
    public void Only_an_action_that_went_too_far_its_own_way_is_cut_off(float weight, float advantage, float loss, float gradient)
    {
        var actual = ClippedSurrogate.Compute(weight, advantage, 0.2f);

        Assert.Equal(loss, actual.Loss, 5);
        Assert.Equal(gradient, actual.Gradient, 5);
        Assert.Equal(gradient == 0, actual.IsClipped);
    }

    [Fact]
    public void A_truncated_importance_weight_still_teaches() =>
        Assert.Equal((-4f, -4f, true), ImportanceWeight.Compute(weight: 5, advantage: 2, maximum: 2));

    [Fact]
    public void A_weight_is_not_truncated_at_zero() =>
        Assert.Equal((-10f, -10f, false), ImportanceWeight.Compute(weight: 5, advantage: 2, maximum: 0));

    [Fact]
    public void Equal_weights_are_as_many_samples_as_there_are() =>
        Assert.Equal(3, ImportanceWeight.EffectiveSampleSize([0.5f, 0.5f, 0.5f]), 6);

    [Fact]
    public void One_weight_that_outweighs_all_others_is_one_sample() =>
        Assert.Equal(1, ImportanceWeight.EffectiveSampleSize([0f, 7f, 0f]), 6);

    [Fact]
    public void The_sums_know_the_same_effective_sample_size()
    {
        float[] weights = [0.5f, 1.5f, 2f, 0.1f];
        var sums = new LossSums { Rows = 4, Weight = weights.Sum(w => (double)w), WeightSquare = weights.Sum(w => (double)w * w) };

        Assert.Equal(ImportanceWeight.EffectiveSampleSize(weights) / 4, sums.EffectiveSampleFraction, 6);
    }

    [Theory]
    [InlineData(1.0f, 3.0f, 2.0f, -2.0f)]
    [InlineData(0.5f, 3.0f, 3.125f, -2.5f)] // Moved away from its target: it has to come back.
    [InlineData(2.0f, 3.0f, 1.62f, 0.0f)] // Moved towards it by more than the range: enough.
    public void A_clipped_value_stops_where_it_has_moved_enough(float value, float target, float loss, float gradient)
    {
        var actual = ValueError.Compute(value, target, oldValue: 1, clipRange: 0.2f);

        Assert.Equal(loss, actual.Loss, 5);
        Assert.Equal(gradient, actual.Gradient, 5);
    }

    [Fact]
    public void One_row_alone_keeps_its_advantage() => Assert.Equal(7f, AdvantageNormalization.Of([7f], [0]).Apply(7f));

    [Fact]
    public void Normalised_advantages_have_mean_0_and_deviation_1()
    {
        float[] advantages = [1, 5, 99, -3];
        var normalization = AdvantageNormalization.Of(advantages, [0, 1, 3]);

        Assert.Equal([0f, 1f, -1f], new[] { 0, 1, 3 }.Select(row => normalization.Apply(advantages[row])), (a, b) => Math.Abs(a - b) < 1e-5);
    }
}
