using AkkaRL.Models.Networks;

namespace AkkaRL.Models.Tests.Networks;

public class CrewTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_piece_is_done_once_in_every_call(int threads)
    {
        var crew = new Crew(threads);
        var done = new int[100];
        var piece = new Action<int>(index => Interlocked.Increment(ref done[index]));
        for (var call = 1; call <= 5_000; call++)
        {
            var pieces = call % done.Length + 1;
            Array.Clear(done);

            crew.Run(pieces, piece);

            Assert.Equal(Enumerable.Repeat(1, pieces), done.Take(pieces));
            Assert.All(done.Skip(pieces), count => Assert.Equal(0, count));
        }
    }

    [Fact]
    public void Pieces_are_done_at_the_same_time()
    {
        // Each of two pieces waits for the other to begin.
        using var meeting = new Barrier(2);
        new Crew(2).Run(2, _ => Assert.True(meeting.SignalAndWait(TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public void What_a_piece_throws_reaches_the_caller_after_the_others_are_done()
    {
        var crew = new Crew(2);
        var done = 0;

        var thrown = Assert.Throws<InvalidOperationException>(() => crew.Run(50, index =>
        {
            Interlocked.Increment(ref done);
            if (index == 7)
                throw new InvalidOperationException("piece 7");
        }));

        Assert.Equal("piece 7", thrown.Message);
        Assert.Equal(50, done);
        crew.Run(3, _ => Interlocked.Increment(ref done));
        Assert.Equal(53, done);
    }

    [Fact]
    public void Many_may_call_at_once_and_from_within_a_piece()
    {
        var crew = new Crew(3);
        var done = 0;

        Parallel.For(0, 20, _ => crew.Run(10, _ => crew.Run(10, _ => Interlocked.Increment(ref done))));

        Assert.Equal(2_000, done);
    }

    /// <summary>But for what the pool may allocate once, when it starts a thread.</summary>
    [Fact]
    public void A_call_allocates_nothing()
    {
        const int Calls = 10_000;
        var crew = new Crew(2);
        var sum = 0;
        var piece = new Action<int>(index => Interlocked.Add(ref sum, index));
        crew.Run(4, piece);

        var allocated = Allocations.Of(() =>
        {
            for (var call = 0; call < Calls; call++)
                crew.Run(4, piece);
        });

        Assert.InRange(allocated, 0, Calls - 1);
        Assert.Equal(6 * (Calls + 1), sum);
    }
}
