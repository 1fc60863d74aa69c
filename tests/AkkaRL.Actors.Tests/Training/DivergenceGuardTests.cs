using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Training;

public class DivergenceGuardTests
{
    /// <summary>Widths of registers, one less and one more.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(33)]
    public void Values_are_finite_unless_one_of_them_is_not_wherever_it_stands(int count)
    {
        float[] values = [.. Enumerable.Range(0, count).Select(index => index % 2 == 0 ? float.MaxValue : -float.Epsilon)];
        Assert.True(DivergenceGuard.AreFinite(values));

        foreach (var wrong in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (var index = 0; index < count; index++)
            {
                var kept = values[index];
                values[index] = wrong;
                Assert.False(DivergenceGuard.AreFinite(values));
                values[index] = kept;
            }
        }
    }

    /// <summary>The sum of two infinities of opposite sign is not a number either.</summary>
    [Fact]
    public void Infinities_do_not_cancel_out() => Assert.False(DivergenceGuard.AreFinite([float.PositiveInfinity, float.NegativeInfinity]));
}
