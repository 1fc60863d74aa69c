using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;
using AkkaRL.Models.Returns;

namespace AkkaRL.Models.Tests.Returns;

/// <summary>The projection of a shifted distribution on its atoms, by hand and against the paper's sum.</summary>
public class ReturnDistributionTests
{
    private static readonly ReturnDistribution Five = new(5, -2, 2);

    [Fact]
    public void Atoms_lie_evenly_from_the_smallest_to_the_largest_return() => Assert.Equal([-2f, -1f, 0f, 1f, 2f], Five.Values.ToArray());

    [Fact]
    public void A_terminated_transition_puts_all_mass_beside_its_reward() => Equal([0, 0, 0.75f, 0.25f, 0], Project(0.25f, 0, [0.1f, 0.2f, 0.3f, 0.2f, 0.2f]));

    [Fact]
    public void A_reward_exactly_on_an_atom_loses_no_mass() => Equal([0, 0, 0, 1, 0], Project(1, 0, [0.1f, 0.2f, 0.3f, 0.2f, 0.2f]));

    [Fact]
    public void Atoms_that_fall_on_atoms_keep_their_mass() => Equal([0, 0.1f, 0.2f, 0.3f, 0.4f], Project(1, 1, [0.1f, 0.2f, 0.3f, 0.2f, 0.2f]));

    [Fact]
    public void A_truncated_transition_is_projected_like_one_in_mid_episode() =>
        // T z = 0.5 + 0.5 z = −0.5, 0, 0.5, 1, 1.5.
        Equal([0, 0.05f, 0.05f + 0.2f + 0.15f, 0.15f + 0.2f + 0.1f, 0.1f], Project(0.5f, 0.5f, [0.1f, 0.2f, 0.3f, 0.2f, 0.2f]));

    [Theory]
    [InlineData(9, 0, 4)]
    [InlineData(-9, 0, 0)]
    [InlineData(float.PositiveInfinity, 0.9f, 4)]
    [InlineData(float.NegativeInfinity, 0.9f, 0)]
    [InlineData(2, 0, 4)]
    [InlineData(-2, 0, 0)]
    public void Returns_beyond_the_ends_count_as_the_ends(float reward, float discount, int atom)
    {
        var expected = new float[5];
        expected[atom] = 1;
        Equal(expected, Project(reward, discount, [0.1f, 0.2f, 0.3f, 0.2f, 0.2f]));
    }

    [Fact]
    public void A_reward_that_is_no_number_makes_no_distribution() => Assert.Contains(Project(float.NaN, 0, [0.1f, 0.2f, 0.3f, 0.2f, 0.2f]), float.IsNaN);

    [Theory]
    [InlineData(2, -1, 1)]
    [InlineData(51, -10, 10)]
    [InlineData(51, 0, 100)]
    [InlineData(1001, -3, 50)]
    public void The_projection_is_the_paper_s_sum(int atoms, double minimum, double maximum)
    {
        var random = new RandomStream((ulong)atoms);
        var distribution = new ReturnDistribution(atoms, minimum, maximum);
        for (var trial = 0; trial < 40; trial++)
        {
            var p = Distribution(random, atoms);
            var reward = (float)((maximum - minimum) * random.NextNormal() / 2);
            var discount = trial % 4 == 0 ? 0 : (float)random.NextDouble();
            var projected = new float[atoms];
            distribution.Project(reward, discount, p, projected);
            Equal(Reference(atoms, minimum, maximum, reward, discount, p), projected, 1e-4f);
            Assert.Equal(1, projected.Sum(), 1e-4);
        }
    }

    [Fact]
    public void The_projection_keeps_the_mean_of_what_is_not_clipped()
    {
        var random = new RandomStream(1);
        var distribution = new ReturnDistribution(51, -100, 100);
        var (p, projected) = (Distribution(random, 51), new float[51]);
        distribution.Project(3.3f, 0.9f, p, projected);
        Assert.Equal(3.3 + 0.9 * p.Select((mass, i) => mass * (-100 + 4.0 * i)).Sum(), projected.Select((mass, i) => mass * (-100 + 4.0 * i)).Sum(), 1e-3);
    }

    [Theory]
    [InlineData(true, 1.75f, 0)]
    [InlineData(false, 1.75f, 0.125f)]
    public void A_transition_of_n_steps_is_discounted_by_all_of_them(bool terminated, float reward, float discount)
    {
        var steps = new NStepTransitions(3, 0.5f, 1, 1);
        var transitions = new TransitionBatch(3, 1, 1);
        for (var t = 0; t < 3; t++)
            steps.Add([t], [0], 1, [t + 1], terminated && t == 2, !terminated && t == 2, transitions);
        Assert.Equal((reward, discount), (transitions.Rewards[0], transitions.Discounts[0]));
        float[] p = [0, 0, 0, 0, 1]; // z = 2 for sure
        var landing = reward + discount * 2;
        Equal([0, 0, 0, 2 - landing, landing - 1], Project(transitions.Rewards[0], transitions.Discounts[0], p));
    }

    [Fact]
    public void The_mean_weighs_the_atoms_with_the_probabilities_of_the_logits()
    {
        Assert.Equal(0.7f, Five.Mean([.. new[] { 0.1f, 0f, 0.2f, 0.5f, 0.2f }.Select(p => 1000 + MathF.Log(p))]), 1e-3f);
        Assert.Equal(2, Five.Mean([0, 0, 0, 0, 1e30f]));
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1002, 0, 1)]
    [InlineData(5, 1, 1)]
    [InlineData(5, 2, 1)]
    [InlineData(5, double.NaN, 1)]
    public void Atoms_that_make_no_distribution_are_refused(int atoms, double minimum, double maximum) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReturnDistribution(atoms, minimum, maximum));

    /// <summary>Bellemare et al. (2017), eq. 7: (Φ T z)_i = Σ_j [1 − |[T z_j] − z_i| / Δz]₀¹ p_j, [·] clipped to the atoms.</summary>
    private static float[] Reference(int atoms, double minimum, double maximum, double reward, double discount, float[] p)
    {
        var gap = (maximum - minimum) / (atoms - 1);
        double Atom(int i) => minimum + i * gap;
        return [.. Enumerable.Range(0, atoms).Select(i => (float)Enumerable.Range(0, atoms).Sum(j =>
            Math.Clamp(1 - Math.Abs(Math.Clamp(reward + discount * Atom(j), minimum, maximum) - Atom(i)) / gap, 0, 1) * p[j]))];
    }

    private static float[] Distribution(RandomStream random, int atoms)
    {
        var weights = Enumerable.Range(0, atoms).Select(_ => random.NextDouble()).ToArray();
        return [.. weights.Select(weight => (float)(weight / weights.Sum()))];
    }

    private static float[] Project(float reward, float discount, float[] p)
    {
        var projected = new float[p.Length];
        Five.Project(reward, discount, p, projected);
        return projected;
    }

    private static void Equal(float[] expected, float[] actual, float tolerance = 1e-6f)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
