using AkkaRL.Actors.Cluster;
using CsCheck;

namespace AkkaRL.Cluster.Tests.Links;

public class PlacementTests
{
    [Theory]
    [InlineData(new[] { 2 }, 8, true, new[] { 8 })]
    [InlineData(new[] { 2 }, 8, false, new[] { 2 })]
    [InlineData(new[] { 2, 2 }, 8, true, new[] { 4, 4 })]
    [InlineData(new[] { 6, 2 }, 8, true, new[] { 6, 2 })]
    [InlineData(new[] { 6, 2 }, 4, false, new[] { 3, 1 })]
    [InlineData(new[] { 2, 2, 2 }, 8, true, new[] { 3, 3, 2 })]
    [InlineData(new[] { 64, 1 }, 2, true, new[] { 1, 1 })]
    [InlineData(new[] { 2, 2 }, 1, true, new[] { 1, 0 })]
    public void Workers_are_shared_out_in_proportion(int[] offers, int workers, bool needsEvery, int[] shares) =>
        Assert.Equal(shares, Placement.Share(offers, workers, needsEvery));

    [Fact]
    public void Every_worker_is_placed_once_and_no_node_is_idle_while_another_has_two() =>
        Gen.Select(Gen.Int[1, 64].Array[1, 12], Gen.Int[1, 200], Gen.Bool).Sample((offers, workers, needsEvery) =>
        {
            var shares = Placement.Share(offers, workers, needsEvery);
            Assert.Equal(needsEvery ? workers : Math.Min(workers, offers.Sum()), shares.Sum());
            Assert.All(shares, share => Assert.True(share >= 0));
            if (shares.Contains(0))
                Assert.True(shares.Max() <= 1);
            if (!needsEvery)
                Assert.All(Enumerable.Range(0, shares.Length), node => Assert.True(shares[node] <= offers[node]));
        });
}
