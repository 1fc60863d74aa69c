using AkkaRL.Envs.Probes;

namespace AkkaRL.Envs.Tests;

/// <summary>Crane-v0 rewards who moves both axes at once.</summary>
public class CraneTests
{
    private const int Side = 5;

    [Fact]
    public void The_best_returns_are_those_that_its_description_says()
    {
        var both = Episodes().Average(seed => Play(seed, seen => [1 + Math.Sign(seen[2] - seen[0]), 1 + Math.Sign(seen[3] - seen[1]), Distance(seen) <= 1 ? 1 : 0]));
        var oneByOne = Episodes().Average(seed => Play(seed, seen =>
            [1 + Math.Sign(seen[2] - seen[0]), seen[2] == seen[0] ? 1 + Math.Sign(seen[3] - seen[1]) : 1, Math.Abs(seen[2] - seen[0]) + Math.Abs(seen[3] - seen[1]) <= 1 ? 1 : 0]));
        Assert.Equal(0.885, both, 0.0005);
        Assert.Equal(0.838, oneByOne, 0.0005);
    }

    [Fact]
    public void A_grab_beside_the_crate_costs_and_the_episode_goes_on()
    {
        var env = new Crane();
        var seen = new float[4];
        env.Reset(Episodes().First(seed => Distance(First(seed)) == Side - 1), seen);
        Assert.Equal(new StepResult(-0.05, false, false), env.Step([1, 1, 0], seen));
        var grabbed = env.Step([1, 1, 1], seen);
        Assert.Equal((-0.15, false), (grabbed.Reward, grabbed.Terminated), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-9 && a.Item2 == b.Item2);
    }

    [Fact]
    public void It_stays_in_its_hall()
    {
        var env = new Crane();
        var seen = new float[4];
        env.Reset(1, seen);
        foreach (var move in new[] { 0f, 2f })
        {
            for (var i = 0; i < 2 * Side; i++)
                env.Step([move, move, 0], seen);
            Assert.Equal(move == 0 ? 0 : Side - 1, seen[0]);
            Assert.Equal(seen[0], seen[1]);
        }
    }

    [Theory]
    [InlineData(3, 0, 0)]
    [InlineData(0, -1, 0)]
    [InlineData(0, 0, 2)]
    [InlineData(0, 0, 0.5f)]
    public void An_action_outside_its_space_is_refused(float column, float row, float grab)
    {
        var env = new Crane();
        env.Reset(1, new float[4]);
        var thrown = Assert.Throws<ArgumentException>(() => env.Step([column, row, grab], new float[4]));
        Assert.Contains("3 integers in MultiDiscrete(3, 3, 2)", thrown.Message, StringComparison.Ordinal);
    }

    /// <summary>A seed of each beginning.</summary>
    private static ulong[] Episodes()
    {
        var beginnings = Enumerable.Range(0, 20_000).Select(seed => (ulong)seed).GroupBy(seed => string.Join(' ', First(seed))).Select(alike => alike.First()).ToArray();
        Assert.Equal(Side * Side * Side * Side, beginnings.Length);
        return beginnings;
    }

    private static float[] First(ulong seed)
    {
        var seen = new float[4];
        new Crane().Reset(seed, seen);
        return seen;
    }

    private static float Distance(float[] seen) => Math.Max(Math.Abs(seen[2] - seen[0]), Math.Abs(seen[3] - seen[1]));

    private static double Play(ulong seed, Func<float[], float[]> policy)
    {
        var (env, seen, sum) = (new Crane(), new float[4], 0.0);
        env.Reset(seed, seen);
        while (true)
        {
            var result = env.Step(policy(seen), seen);
            sum += result.Reward;
            if (result.EpisodeEnded)
                return sum;
        }
    }
}
