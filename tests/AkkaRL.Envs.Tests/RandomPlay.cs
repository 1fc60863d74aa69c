namespace AkkaRL.Envs.Tests;

/// <summary>Random actions on an env, resetting whenever an episode ends, and all that came back.</summary>
internal sealed record RandomPlay(List<StepResult> Results, List<float[]> Observations)
{
    public static RandomPlay Of(IEnv env, ulong actionSeed, int steps)
    {
        var played = new RandomPlay([], []);
        var random = new Pcg64(actionSeed);
        var action = new float[env.ActionSpace.Size];
        var observation = new float[env.ObservationSpace.Size];
        for (var i = 0; i < steps; i++)
        {
            env.ActionSpace.Sample(random, action);
            var result = env.Step(action, observation);
            played.Results.Add(result);
            played.Observations.Add([.. observation]);
            if (!result.EpisodeEnded)
                continue;
            env.Reset(seed: null, observation);
            played.Observations.Add([.. observation]);
        }
        return played;
    }

    /// <summary>Asserts that two envs return the same to the same actions.</summary>
    public static void AssertSame(IEnv expected, IEnv actual, int steps)
    {
        var (wanted, got) = (Of(expected, 4, steps), Of(actual, 4, steps));
        Assert.Equal(wanted.Results, got.Results);
        Assert.Equal(wanted.Observations, got.Observations);
    }
}
