using AkkaRL.Envs.Probes;

namespace AkkaRL.Envs.Tests;

/// <summary>Catch-v0 as its image shows it.</summary>
public class CatchTests
{
    private const int Side = 10;

    [Fact]
    public void Every_ball_can_be_caught()
    {
        var starts = new HashSet<(int Column, int Direction, int Paddle)>();
        // A ball that starts at a wall and moves into it looks like one that moves away from it.
        for (var seed = 0UL; starts.Count < (Side * 3 - 2) * 2; seed++)
        {
            // Where the ball comes down, seen by playing the episode once; then straight there.
            var idle = Play(seed, _ => 1);
            starts.Add((idle[0].Ball, idle[1].Ball - idle[0].Ball, idle[0].Paddle));
            var target = idle[^1].Ball;
            Assert.Equal(target, Play(seed, seen => 1 + Math.Sign(target - seen.Paddle))[^1].Paddle);
            Assert.InRange(seed, 0UL, 2_000UL);
        }
    }

    [Fact]
    public void The_ball_moves_a_column_a_step_and_bounces_off_the_walls()
    {
        for (var seed = 0UL; seed < 100; seed++)
        {
            var seen = Play(seed, _ => 1);
            Assert.Equal(Side, seen.Count);
            var turns = 0;
            for (var step = 2; step < Side; step++)
            {
                var (before, after) = (seen[step - 1].Ball - seen[step - 2].Ball, seen[step].Ball - seen[step - 1].Ball);
                Assert.Equal(Math.Abs(before), Math.Abs(after));
                if (before == after)
                    continue;
                turns++;
                Assert.Contains(seen[step - 1].Ball, new[] { 0, Side - 1 });
            }
            Assert.InRange(turns, 0, 1);
        }
    }

    [Fact]
    public void A_ball_that_comes_down_on_the_paddle_is_rewarded_and_no_other()
    {
        for (var seed = 0UL; seed < 50; seed++)
        {
            var env = new Catch();
            var image = new float[3 * Side * Side];
            env.Reset(seed, image);
            StepResult result;
            do
                result = env.Step([seed % 3], image);
            while (!result.EpisodeEnded);
            var seen = See(image, Side - 1);
            Assert.Equal(seen.Ball == seen.Paddle ? 1 : 0, result.Reward);
        }
    }

    [Fact]
    public void The_trail_is_where_the_ball_was()
    {
        var env = new Catch();
        var image = new float[3 * Side * Side];
        env.Reset(3, image);
        Assert.Equal(2, image.Sum());
        for (var row = 1; row < Side; row++)
        {
            var ball = Array.IndexOf(image, 1f);
            env.Step([1], image);
            Assert.Equal(ball, Array.IndexOf(image, 1f, Side * Side) - Side * Side);
        }
    }

    [Fact]
    public void Its_space_says_that_it_is_an_image() => Assert.Equal(new[] { 3, Side, Side }, Assert.IsType<Box>(new Catch().ObservationSpace).Shape.ToArray());

    private static List<(int Ball, int Paddle)> Play(ulong seed, Func<(int Ball, int Paddle), int> policy)
    {
        var env = new Catch();
        var image = new float[3 * Side * Side];
        env.Reset(seed, image);
        List<(int Ball, int Paddle)> seen = [See(image, 0)];
        while (true)
        {
            var result = env.Step([policy(seen[^1])], image);
            seen.Add(See(image, seen.Count));
            if (result.EpisodeEnded)
                return seen;
        }
    }

    private static (int Ball, int Paddle) See(float[] image, int row) =>
        (Array.IndexOf(image, 1f) - row * Side, Array.LastIndexOf(image, 1f) - 2 * Side * Side - (Side - 1) * Side);
}
