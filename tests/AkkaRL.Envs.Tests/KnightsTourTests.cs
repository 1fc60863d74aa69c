using AkkaRL.Envs.Probes;

namespace AkkaRL.Envs.Tests;

/// <summary>KnightsTour-v0 by the rules of chess.</summary>
public class KnightsTourTests
{
    private const int Side = 5, Squares = Side * Side;

    [Fact]
    public void Its_mask_is_the_knights_moves_to_squares_that_it_has_not_been_on()
    {
        var random = new Pcg64(1);
        for (var seed = 0UL; seed < 50; seed++)
        {
            var (env, seen, mask) = (new KnightsTour(), new float[2 * Squares], new bool[Squares]);
            env.Reset(seed, seen);
            var been = new HashSet<int> { Array.IndexOf(seen, 1f) };
            while (true)
            {
                var at = Array.IndexOf(seen, 1f);
                Assert.Equal(been.Order(), Enumerable.Range(0, Squares).Where(square => seen[Squares + square] == 1));
                int[] open = [.. Neighbours(at).Where(square => !been.Contains(square))];
                env.WriteActionMask(mask);
                Assert.Equal(open.Order(), Enumerable.Range(0, Squares).Where(square => mask[square]));
                var next = open[random.NextInteger(open.Length)];
                var result = env.Step([next], seen);
                been.Add(next);
                Assert.Equal((1.0 / 24, Neighbours(next).All(been.Contains)), (result.Reward, result.Terminated));
                if (result.EpisodeEnded)
                    break;
            }
        }
    }

    [Fact]
    public void There_is_a_tour_from_every_corner()
    {
        foreach (var corner in new[] { 0, Side - 1, Squares - Side, Squares - 1 })
        {
            var tour = Tour([corner])!;
            var (env, seen) = (new KnightsTour(), new float[2 * Squares]);
            for (var seed = 0UL; ; seed++)
            {
                env.Reset(seed, seen);
                if (seen[corner] == 1)
                    break;
            }
            var results = tour.Skip(1).Select(square => env.Step([square], seen)).ToArray();
            Assert.Equal(1, results.Sum(result => result.Reward), 1e-9);
            Assert.Equal([.. Enumerable.Repeat(false, Squares - 2), true], results.Select(result => result.Terminated));
        }
    }

    [Fact]
    public void A_move_that_is_none_ends_the_episode_without_reward()
    {
        var (env, seen) = (new KnightsTour(), new float[2 * Squares]);
        env.Reset(1, seen);
        Assert.Equal(new StepResult(0, Terminated: true, false), env.Step([Array.IndexOf(seen, 1f)], seen));
    }

    private static IEnumerable<int> Neighbours(int square) =>
        from other in Enumerable.Range(0, Squares)
        let rows = Math.Abs(other / Side - square / Side)
        let columns = Math.Abs(other % Side - square % Side)
        where (rows, columns) is (1, 2) or (2, 1)
        select other;

    private static int[]? Tour(int[] path) => path.Length == Squares ? path
        : Neighbours(path[^1]).Where(square => !path.Contains(square)).Select(square => Tour([.. path, square])).FirstOrDefault(tour => tour is not null);
}
