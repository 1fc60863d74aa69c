using System.Globalization;
using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Everything that goes wrong in a soak.</summary>
internal enum SoakFault
{
    EnvThrows,
    ObservationTooLong,
    ObservationNaN,
    RewardNaN,
    WorkerThrows,
    GradientNotFinite,
    WorkerLagsBehind,
    LearnerThrows,
    LearningDiverges,
    StoreFails,
    JournalFails,
    JournalRejects,
    EvaluatorThrows,

    // From here on each takes as long as a timeout.
    WorkerStalls,
    EvaluatorHangs,
    StoreHangs,
    JournalHangs,
}

/// <summary>Injects into a run of CartPole with two workers one fault after the other, each some hundred rollouts after the one before was reported.</summary>
/// <param name="faults">How many: every kind in its turn, but those that take long only every eighth time.</param>
/// <param name="stores">The run's journal and snapshot store.</param>
/// <param name="lag">The policy lag, in updates, that the run allows.</param>
internal sealed class SoakFaults(int faults, FaultySqlStores stores, long lag) : IDisposable
{
    public const int RolloutSteps = 8;

    /// <summary>Env steps of all workers between a report and the next fault.</summary>
    private const int StepsBetween = 200 * RolloutSteps;

    /// <summary>Env steps of all workers at full speed while a report is waited for: the run must not be over before.</summary>
    private const int StepsAhead = 5_000;

    /// <summary>
    /// Own env steps after which a fault that was not reported strikes again. It may have been lost: the gradient that was to be poisoned may be dropped
    /// for its lag, or the worker be taken for stalled, when the machine is busy; and a forged gradient is overwritten by the worker's own when it has to wait.
    /// </summary>
    private const int StepsToStrikeAgain = 250 * RolloutSteps;

    private const int SlowEvery = 8;

    private readonly Lock turn = new();
    private readonly ManualResetEventSlim reported = new();
    private readonly FaultySqlStores stores = stores;
    private readonly Queue<SoakFault> due = new(Schedule().Take(faults));
    private readonly long[] stepsOf = new long[2];
    private SoakFault? open;
    private long stepsAtReport, stepsAtStrike;
    private int victim, made, disposed, parameters;
    private long incarnation = 1;

    /// <summary>How many of each kind were injected and reported.</summary>
    public Dictionary<SoakFault, int> Reported { get; } = [];

    /// <summary>How often faults of each kind struck, one that struck again twice.</summary>
    public Dictionary<FaultKind, int> Strikes { get; } = [];

    public bool IsDone
    {
        get
        {
            lock (turn)
                return due.Count == 0 && open is null;
        }
    }

    public int Made => Volatile.Read(ref made);

    public int Disposed => Volatile.Read(ref disposed);

    /// <summary>What is waited for, for the message of a soak that hangs.</summary>
    public string Position => $"{open?.ToString() ?? "No fault"} of worker {victim} is open, {due.Count} are due; {string.Join(" and ", stepsOf)} env steps, "
        + $"{stepsAtReport} at the latest report; incarnation {incarnation}.";

    public static FaultKind KindOf(SoakFault fault) => fault switch
    {
        SoakFault.WorkerThrows => FaultKind.Worker,
        SoakFault.GradientNotFinite => FaultKind.NonFiniteGradient,
        SoakFault.LearnerThrows => FaultKind.Learner,
        SoakFault.LearningDiverges => FaultKind.Divergence,
        SoakFault.WorkerLagsBehind => FaultKind.PolicyLag,
        SoakFault.WorkerStalls or SoakFault.EvaluatorHangs => FaultKind.Stall,
        SoakFault.StoreFails or SoakFault.StoreHangs or SoakFault.JournalFails or SoakFault.JournalRejects or SoakFault.JournalHangs => FaultKind.Storage,
        _ => FaultKind.Environment,
    };

    // The event itself is left to the garbage collector: an env may still be waiting on it.
    public void Dispose() => reported.Set();

    public IEnv Make()
    {
        Interlocked.Increment(ref made);
        return new Env(this);
    }

    public void Listen(RunEvent happened)
    {
        lock (turn)
        {
            if (happened is RunStarted started)
                parameters = started.ParameterCount;
            if (happened is not FaultReported fault)
                return;
            if (fault.Kind is FaultKind.Learner or FaultKind.Divergence)
                incarnation++;
            if (open is not { } awaited || fault.Kind != KindOf(awaited) || fault.Worker != (IsOfWorker(awaited) ? victim : -1))
                return;
            Reported[awaited] = Reported.GetValueOrDefault(awaited) + 1;
            (open, stepsAtReport) = (null, stepsOf.Sum());
            reported.Set();
        }
    }

    private static IEnumerable<SoakFault> Schedule() =>
        from round in Enumerable.Range(0, int.MaxValue)
        from fault in Enum.GetValues<SoakFault>()
        where round % SlowEvery == 0 || fault < SoakFault.WorkerStalls
        select fault;

    private static bool IsOfWorker(SoakFault fault) => fault <= SoakFault.WorkerLagsBehind || fault == SoakFault.WorkerStalls;

    /// <summary>In a worker's turn: the fault that strikes now, if one does.</summary>
    private SoakFault? NextOf(int worker)
    {
        lock (turn)
        {
            stepsOf[worker]++;
            if (open is null && due.Count > 0 && stepsOf.Sum() - stepsAtReport >= StepsBetween)
            {
                (open, victim) = (due.Dequeue(), worker);
                reported.Reset();
            }
            else if (open is not <= SoakFault.LearningDiverges || worker != victim || stepsOf[worker] - stepsAtStrike < StepsToStrikeAgain)
                return null;
            stepsAtStrike = stepsOf[worker];
            Strikes[KindOf(open.Value)] = Strikes.GetValueOrDefault(KindOf(open.Value)) + 1;
            return open;
        }
    }

    /// <summary>Whether the evaluator suffers this now: it does until that is reported.</summary>
    private bool IsOpen(SoakFault fault)
    {
        lock (turn)
            return open == fault;
    }

    private void KeepPace()
    {
        bool isAhead;
        lock (turn)
            isAhead = open is not null && stepsOf.Sum() - stepsAtReport > StepsBetween + StepsAhead;
        if (isAhead)
            reported.Wait(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>A rollout that takes longer than the other worker's next ones, by more than the lag that is allowed.</summary>
    private void FallBehind(int worker)
    {
        var until = Volatile.Read(ref stepsOf[1 - worker]) + (lag + 10) * RolloutSteps;
        SpinWait.SpinUntil(() => Volatile.Read(ref stepsOf[1 - worker]) >= until || reported.IsSet);
    }

    private sealed class Env(SoakFaults kit) : EnvWrapper(EnvCatalog.BuiltIn.Find("CartPole-v1").Create()), IEnv
    {
        public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
        {
            var self = ActorCell.GetCurrentSelfOrNoSender()!;
            var name = self.Path.Name.Split('-');
            if (name[0] == "worker")
                return StepOfWorker(self, int.Parse(name[1], CultureInfo.InvariantCulture), int.Parse(name[2], CultureInfo.InvariantCulture), action, observation);
            if (kit.IsOpen(SoakFault.EvaluatorThrows))
                throw new InvalidOperationException("the evaluator's simulator broke");
            if (kit.IsOpen(SoakFault.EvaluatorHangs))
                kit.reported.Wait();
            return base.Step(action, observation);
        }

        void IDisposable.Dispose()
        {
            Interlocked.Increment(ref kit.disposed);
            Dispose();
        }

        private StepResult StepOfWorker(IActorRef self, int worker, int life, ReadOnlySpan<float> action, Span<float> observation)
        {
            kit.KeepPace();
            var fault = kit.NextOf(worker);
            Strike(fault, self, worker, life);
            var result = base.Step(action, observation);
            if (fault == SoakFault.ObservationTooLong)
                observation[observation.Length] = 0;
            if (fault == SoakFault.ObservationNaN)
                observation[0] = float.NaN;
            return fault switch
            {
                SoakFault.RewardNaN => result with { Reward = double.NaN },
                SoakFault.GradientNotFinite => result with { Reward = 3e38 },
                _ => result,
            };
        }

        private void Strike(SoakFault? fault, IActorRef self, int worker, int life)
        {
            switch (fault)
            {
                case SoakFault.EnvThrows:
                    throw new InvalidOperationException("the simulator broke");
                case SoakFault.WorkerThrows:
                    self.Tell(new Gradients.RolloutGranted(new GradientLoan(0, 0, self, 1)));
                    break;
                case SoakFault.LearnerThrows:
                    KeptRun.BreakLearner();
                    break;
                case SoakFault.LearningDiverges:
                    KeptRun.BlowUp(worker, life, Interlocked.Read(ref kit.incarnation), kit.parameters);
                    break;
                case SoakFault.WorkerLagsBehind:
                    kit.FallBehind(worker);
                    break;
                case SoakFault.WorkerStalls:
                    kit.reported.Wait();
                    break;
                case SoakFault.StoreFails or SoakFault.StoreHangs:
                    kit.stores.BreakSnapshots(fault == SoakFault.StoreFails ? StoreFault.Fail : StoreFault.Hang);
                    break;
                case SoakFault.JournalFails or SoakFault.JournalRejects or SoakFault.JournalHangs:
                    kit.stores.BreakJournal(fault == SoakFault.JournalFails ? StoreFault.Fail : fault == SoakFault.JournalRejects ? StoreFault.Reject : StoreFault.Hang);
                    break;
            }
        }
    }
}
