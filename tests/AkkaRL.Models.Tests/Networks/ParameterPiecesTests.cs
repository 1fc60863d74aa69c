using AkkaRL.Models.Networks;

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
