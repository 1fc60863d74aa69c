using AkkaRL.Models.Distributions;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Distributions;

/// <summary>A masked policy against one that has the allowed actions alone.</summary>
public class ActionMaskTests
{
    private const int Actions = 6;

    [Fact]
    public void A_masked_policy_is_the_policy_over_the_allowed_actions_alone()
    {
        var random = new RandomStream(1);
        var (all, action) = (new Categorical(Actions), new float[1]);
        for (var trial = 0; trial < 100; trial++)
        {
            var (mask, logits, old) = (Mask(random), Logits(random), Logits(random));
            int[] kept = [.. Enumerable.Range(0, Actions).Where(i => mask[i])];
            var (fewer, few, fewOld) = (new Categorical(kept.Length), kept.Select(i => logits[i]).ToArray(), kept.Select(i => old[i]).ToArray());
            ActionMask.Apply(mask, logits);
            ActionMask.Apply(mask, old);

            Assert.Equal(fewer.Entropy(few), all.Entropy(logits), 1e-5);
            all.Mode(logits, action);
            Assert.Equal(kept[Array.IndexOf(few, few.Max())], action[0]);
            var drawn = all.Sample(logits, random, action);
            Assert.True(mask[(int)action[0]]);
            float[] chosen = [Array.IndexOf(kept, (int)action[0])];
            Assert.Equal(fewer.LogProbability(few, chosen), drawn, 1e-5);
            Assert.Equal(drawn, all.LogProbability(logits, action), 1e-5);

            // The gradient by automatic differentiation of the smaller policy; of an action that is not allowed it is zero.
            var (_, _, expected) = TorchOracle.Categorical(few, (int)chosen[0], 0.7, -0.3);
            var gradient = Poisoned();
            all.Gradient(logits, action, 0.7f, -0.3f, gradient);
            AssertScattered(kept, [.. expected.Select(value => (float)value)], gradient);

            var (fewGradient, divergenceGradient) = (new float[kept.Length], new float[Actions]);
            var divergence = fewer.AddDivergenceGradient(fewOld, few, 2, fewGradient);
            Assert.Equal(divergence, all.AddDivergenceGradient(old, logits, 2, divergenceGradient), 1e-5);
            AssertScattered(kept, fewGradient, divergenceGradient);
        }
    }

    [Fact]
    public void A_mask_of_several_choices_masks_each_of_its_own()
    {
        var random = new RandomStream(2);
        var several = new MultiCategorical([4, 3]);
        float[] logits = [1, 2, 3, 4, 5, 6, 7], action = new float[2], gradient = new float[7];
        ActionMask.Apply([true, false, true, false, false, true, false], logits);
        for (var i = 0; i < 200; i++)
        {
            several.Sample(logits, random, action);
            Assert.Contains(action[0], new float[] { 0, 2 });
            Assert.Equal(1, action[1]);
        }
        several.Mode(logits, action);
        Assert.Equal([2, 1], action);
        Assert.Equal(-Math.Log(1 + Math.Exp(-2)), several.LogProbability(logits, action), 1e-5);
        Assert.Equal(new Categorical(2).Entropy([1, 3]), several.Gradient(logits, action, 1, 1, gradient), 1e-5);
        Assert.Equal([false, true, false, true, true, true, true], gradient.Select(slope => slope == 0));
    }

    [Fact]
    public void What_was_recorded_repeats_its_mask()
    {
        float[] logits = [1, 2, 3];
        ActionMask.Repeat([0, float.NegativeInfinity, -5], logits);
        Assert.Equal([1, float.NegativeInfinity, 3], logits);
        ActionMask.Apply([], logits);
        Assert.Equal([1, float.NegativeInfinity, 3], logits);
    }

    [Fact]
    public void Allowed_actions_are_drawn_alike_and_no_others()
    {
        const int Draws = 30_000;
        var random = new RandomStream(3);
        var counts = new int[Actions];
        for (var i = 0; i < Draws; i++)
            counts[ActionMask.Draw([false, true, false, false, true, true], Actions, random)]++;
        Assert.Equal([true, false, true, true, false, false], counts.Select(count => count == 0));
        Assert.All(counts.Where(count => count > 0), count => Assert.InRange(count, 9_600, 10_400)); // five deviations of 82
    }

    [Fact]
    public void Without_a_mask_the_same_random_numbers_make_the_same_choices()
    {
        var (masked, plain) = (new RandomStream(4), new RandomStream(4));
        for (var i = 0; i < 100; i++)
            Assert.Equal(plain.NextInteger(Actions), ActionMask.Draw([], Actions, masked));
    }

    [Fact]
    public void The_best_is_the_first_of_the_largest_that_are_allowed()
    {
        float[] values = [4, 9, 7, 7];
        Assert.Equal(1, ActionMask.Best([], values));
        Assert.Equal(2, ActionMask.Best([true, false, true, true], values));
        Assert.Equal(3, ActionMask.Best([false, false, false, true], values));
        Assert.Equal(2, ActionMask.Best([false, false, true, true], [float.NaN, float.NaN, float.NaN, float.NaN]));
    }

    private static void AssertScattered(int[] kept, float[] expected, float[] actual)
    {
        for (var i = 0; i < Actions; i++)
            Assert.Equal(kept.Contains(i) ? expected[Array.IndexOf(kept, i)] : 0, actual[i], 2e-5);
    }

    private static bool[] Mask(RandomStream random)
    {
        var mask = new bool[Actions];
        for (var i = 0; i < Actions; i++)
            mask[i] = random.NextInteger(2) == 0;
        mask[random.NextInteger(Actions)] = true;
        return mask;
    }

    private static float[] Logits(RandomStream random) => [.. Enumerable.Range(0, Actions).Select(_ => (float)(2 * random.NextNormal()))];

    private static float[] Poisoned()
    {
        var gradient = new float[Actions];
        Array.Fill(gradient, float.NaN);
        return gradient;
    }
}
