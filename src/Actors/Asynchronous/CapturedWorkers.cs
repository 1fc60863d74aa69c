using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>How a worker and the loan it has brought home are written into a snapshot, and read back.</summary>
internal static class CapturedWorkers
{
    /// <summary>Writes one worker's.</summary>
    /// <param name="state">The snapshot.</param>
    /// <param name="loan">Its loan, at home.</param>
    /// <param name="granted">Env steps that it was granted.</param>
    /// <param name="carriesGradient">Whether the loan holds a gradient that is still to be applied.</param>
    /// <param name="worker">What the worker captured of its env, random numbers and episode.</param>
    public static void Capture(RunState state, GradientLoan loan, int granted, bool carriesGradient, byte[] worker)
    {
        var name = $"worker-{loan.Worker}";
        state.Write($"{name}.granted", granted);
        state.Write($"{name}.carries-gradient", carriesGradient ? 1 : 0);
        WorkerStates.Capture(state, loan.Worker, worker);
        if (!carriesGradient)
            return;
        state.Write($"{name}.version", loan.Version);
        state.Write($"{name}.steps", loan.Steps);
        state.Write($"{name}.loss.policy", loan.Losses.Policy);
        state.Write($"{name}.loss.value", loan.Losses.Value);
        state.Write($"{name}.loss.entropy", loan.Losses.Entropy);
        state.Write($"{name}.loss.gradient-norm", loan.Losses.GradientNorm);
        if (loan.Episode is { } episode)
        {
            state.Write($"{name}.episode.return", episode.Return);
            state.Write($"{name}.episode.length", episode.Length);
        }
        state.Write($"{name}.gradient", loan.Vector.AsSpan());
    }

    /// <summary>Env steps that it had been granted.</summary>
    public static int Granted(RunState state, int worker) => state.Has($"worker-{worker}.granted") ? (int)state.Whole($"worker-{worker}.granted") : 0;

    /// <summary>Puts into the loan what it held; returns whether that is a gradient still to be applied.</summary>
    public static bool Restore(RunState state, GradientLoan loan)
    {
        var name = $"worker-{loan.Worker}";
        if (state.Whole($"{name}.carries-gradient") == 0)
            return false;
        loan.Version = state.Whole($"{name}.version");
        loan.Steps = (int)state.Whole($"{name}.steps");
        loan.Losses = new(
            state.Real($"{name}.loss.policy"), state.Real($"{name}.loss.value"), state.Real($"{name}.loss.entropy"), state.Real($"{name}.loss.gradient-norm"));
        loan.Episode = state.Has($"{name}.episode.return")
            ? new FinishedEpisode(state.Real($"{name}.episode.return"), (int)state.Whole($"{name}.episode.length"))
            : null;
        state.Read($"{name}.gradient", loan.Vector);
        return true;
    }
}
