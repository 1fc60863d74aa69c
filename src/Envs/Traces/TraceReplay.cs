namespace AkkaRL.Envs.Traces;

/// <summary>Replays recorded episodes, from the seed on, and compares everything that comes back.</summary>
public static class TraceReplay
{
    /// <summary>Replays a trace on the env of that id.</summary>
    /// <exception cref="ArgumentException">The catalog has no such env.</exception>
    /// <exception cref="FormatException">The trace's observations or actions do not fit the env.</exception>
    public static TraceVerdict Run(EnvTrace trace, EnvCatalog catalog) => Run(trace, catalog.Find(trace.Environment));

    /// <summary>Replays a trace on an env, with its time limit.</summary>
    /// <exception cref="FormatException">The trace's observations or actions do not fit the env.</exception>
    public static TraceVerdict Run(EnvTrace trace, EnvSpec spec)
    {
        using var env = EnvCatalog.Make(spec);
        var comparison = new Comparison(spec.Id, env);
        for (var i = 0; i < trace.Episodes.Length; i++)
            comparison.Replay(trace.Episodes[i], i);
        return comparison.Verdict;
    }

    private sealed class Comparison(string id, IEnv env)
    {
        private readonly float[] observation = new float[env.ObservationSpace.Size];

        public TraceVerdict Verdict { get; private set; } = new(id, 0, 0, 0, 0, 0, null);

        public void Replay(EnvTraceEpisode episode, int index)
        {
            var where = $"episode {index} (seed {episode.Seed})";
            Verdict = Verdict with { Episodes = Verdict.Episodes + 1 };
            env.Reset(episode.Seed, observation);
            CompareObservation(episode.InitialObservation.AsSpan(), $"{where}, reset");
            for (var i = 0; i < episode.Steps.Length; i++)
            {
                var step = episode.Steps[i];
                Fits(step.Action.Length, env.ActionSpace, "actions");
                if (env.ActionSpace is not Box && !env.ActionSpace.Contains(step.Action.AsSpan()))
                    throw new FormatException($"The trace's action in {where}, step {i} is not in {id}'s {env.ActionSpace}.");
                var result = env.Step(step.Action.AsSpan(), observation);
                Verdict = Verdict with { Steps = Verdict.Steps + 1 };
                CompareObservation(step.Observation.AsSpan(), $"{where}, step {i}");
                CompareReward(result.Reward, step.Reward, $"{where}, step {i}");
                if (!SameFlags(result, step, $"{where}, step {i}"))
                    return;
            }
        }

        private void CompareObservation(ReadOnlySpan<float> recorded, string where)
        {
            Fits(recorded.Length, env.ObservationSpace, "observations");
            for (var i = 0; i < recorded.Length; i++)
            {
                var deviation = Deviation(observation[i], recorded[i]);
                if (deviation > 0)
                    Note($"{where}: observation[{i}] is {observation[i]:R}, recorded {recorded[i]:R}");
                Verdict = Verdict with { LargestObservationDeviation = Math.Max(Verdict.LargestObservationDeviation, deviation) };
            }
        }

        private void CompareReward(double ours, double recorded, string where)
        {
            var deviation = Deviation(ours, recorded);
            if (deviation > 0)
                Note($"{where}: the reward is {ours:R}, recorded {recorded:R}");
            Verdict = Verdict with { LargestRewardDeviation = Math.Max(Verdict.LargestRewardDeviation, deviation) };
        }

        private bool SameFlags(StepResult ours, EnvTraceStep recorded, string where)
        {
            if (ours.Terminated == recorded.Terminated && ours.Truncated == recorded.Truncated)
                return true;
            Note($"{where}: terminated and truncated are {ours.Terminated} and {ours.Truncated}, "
                + $"recorded {recorded.Terminated} and {recorded.Truncated}");
            Verdict = Verdict with { FlagMismatches = Verdict.FlagMismatches + 1 };
            return false;
        }

        private void Note(string difference) => Verdict = Verdict with { FirstMismatch = Verdict.FirstMismatch ?? difference };

        private void Fits(int length, Space space, string what)
        {
            if (length != space.Size)
                throw new FormatException($"The trace's {what} have {length} numbers; those of {id} have {space.Size}.");
        }

        // A NaN on either side is as far off as can be.
        private static double Deviation(double ours, double recorded) =>
            ours == recorded ? 0 : double.IsNaN(ours - recorded) ? double.PositiveInfinity : Math.Abs(ours - recorded);
    }
}
