using CsCheck;

namespace AkkaRL.Envs.Tests;

public class SpaceTests
{
    private static readonly Gen<Space> Spaces = Gen.OneOf<Space>(
        Gen.Int[1, 50].Select(count => (Space)new Discrete(count)),
        Gen.Int[1, 9].Array[1, 4].Select(counts => (Space)new MultiDiscrete([.. counts])),
        Gen.Select(Gen.Float[-10, 0], Gen.Float[0, 10], Gen.Int[1, 4], (low, high, size) => (Space)new Box(low, high, size)),
        Gen.Int[1, 4].Select(size => (Space)new Box(0, float.PositiveInfinity, size)));

    [Fact]
    public void A_sample_is_a_member() => Gen.Select(Spaces, Gen.ULong).Sample((space, seed) =>
    {
        var value = new float[space.Size];
        space.Sample(new Pcg64(seed), value);
        return space.Contains(value);
    });

    [Fact]
    public void Spaces_are_equal_when_their_bounds_are()
    {
        Assert.Equal(new Box(-1, 1, 2), new Box([-1, -1], [1, 1]));
        Assert.NotEqual(new Box(-1, 1, 2), new Box(-1, 1, 3));
        Assert.Equal(new MultiDiscrete([2, 3]), new MultiDiscrete([2, 3]));
    }

    [Theory]
    [InlineData(2f, true)]
    [InlineData(3f, false)]
    [InlineData(-1f, false)]
    [InlineData(0.5f, false)]
    [InlineData(float.NaN, false)]
    public void A_discrete_space_contains_its_integers_only(float value, bool contains) =>
        Assert.Equal(contains, new Discrete(3).Contains([value]));

    [Theory]
    [InlineData(1f, true)]
    [InlineData(1.01f, false)]
    [InlineData(float.NaN, false)]
    public void A_box_contains_what_lies_within_its_bounds(float value, bool contains) =>
        Assert.Equal(contains, new Box(-1, 1, 1).Contains([value]));

    [Fact]
    public void A_value_of_the_wrong_length_is_no_member()
    {
        Assert.False(new Discrete(3).Contains([0, 0]));
        Assert.False(new MultiDiscrete([2, 3]).Contains([0]));
        Assert.False(new Box(-1, 1, 2).Contains([0]));
    }
}
