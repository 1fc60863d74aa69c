using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;

namespace AkkaRL.Models.Tests.Networks;

public class ParameterPiecesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8_191)]
    [InlineData(9_155)]
    [InlineData(1_700_402)]
    public void Equal_pieces_are_all_of_the_vector_and_share_no_cache_line(int count)
    {
        var pieces = Visited(ParameterPieces.Even(count, new Crew(2)));
        AssertCovers(count, pieces);
        Assert.All(pieces, piece => Assert.Equal(0, piece.Start % 16));
        Assert.InRange(pieces.Count, 1, 16);
        Assert.True(count < 8_192 || pieces.Count > 1);
    }

    /// <summary>Heads, narrow or wide, layers of several pieces, several towers, constants.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    public void A_networks_pieces_are_all_of_its_parameters(bool sharedTrunk, int constants)
    {
        foreach (var hidden in (int[][])[[], [1], [64], [65, 300], [256, 256]])
            foreach (var outputs in (int[])[1, 4, 5, 40])
            {
                using var network = new FusedNetwork(NetworkSpec.ActorCritic(5, outputs, constants, [.. hidden], Activation.ReLU, sharedTrunk), 8, new Crew(3));
                AssertCovers(network.Layout.Count, Visited(network.Pieces));
            }
    }

    private static List<ParameterPiece> Visited(ParameterPieces pieces)
    {
        var visited = new List<ParameterPiece>();
        pieces.Run(piece =>
        {
            lock (visited)
                visited.Add(piece);
        });
        Assert.Equal(Enumerable.Range(0, pieces.Count), visited.Select(piece => piece.Index).Order());
        return visited;
    }

    private static void AssertCovers(int count, List<ParameterPiece> pieces)
    {
        var end = 0;
        foreach (var piece in pieces.OrderBy(piece => piece.Start).ThenBy(piece => piece.Count))
        {
            Assert.Equal(end, piece.Start);
            end += piece.Count;
        }
        Assert.Equal(count, end);
    }
}
