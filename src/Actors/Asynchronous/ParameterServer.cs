using Akka.Actor;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.Evaluations;
using static AkkaRL.Actors.Protocol.Gradients;
using static AkkaRL.Actors.Protocol.Snapshots;
using static AkkaRL.Actors.Protocol.Supervision;
using static AkkaRL.Actors.Protocol.Targets;

namespace AkkaRL.Actors.Asynchronous;

/// <summary>
/// The learner of the asynchronous shape: serializes the application of gradients, so that workers need no lock, counts the global
/// step and tells every worker, rollout by rollout, how many steps it still has.
/// </summary>
/// <remarks>
/// <para>Parent: the run supervisor, which hears of refused gradients, progress, evaluations and the end. Supervises nobody.</para>
/// <para>In: <see cref="AttachWorker"/>, <see cref="ApplyGradient"/>, <see cref="DetachWorker"/>, <see cref="WorkerCaptured"/>, <see cref="SnapshotSettled"/>, <see cref="PolicyEvaluated"/>, <see cref="EvaluationFailed"/>, <see cref="PartFailed"/>, <see cref="EndTraining"/>.
/// Out: <see cref="RolloutGranted"/>, <see cref="CaptureWorker"/>, <see cref="StateCaptured"/>, <see cref="EvaluatePolicy"/>, <see cref="GradientRefused"/>, <see cref="TrainingEnded"/>, run events; <see cref="MoveTarget"/> to the target network, where the algorithm has one.</para>
/// <para>In deterministic mode gradients are applied in the order of the workers' numbers, turn by turn, and the turn waits for an evaluation's result.</para>
/// <para>A snapshot is one memory copy. In deterministic mode it waits until every loan is home and takes the gradients that are still to be
/// applied, and the workers' states, along: nothing depends on when, so that a run goes the same way with snapshots and without.</para>
/// <para>Runs on the thread of the worker whose gradient it applies (<see cref="CallerDispatcher"/>): its handlers take less time than waking a thread.</para>
/// <para>On restart its state is what the supervisor restored: the last snapshot's or the initial one. Workers attach anew, and what they still send for its former life is refused.</para>
/// </remarks>
public sealed class ParameterServer : ReceiveActor
{
    private readonly RunSettings settings;
    private readonly GlobalParameters global;
    private readonly EvaluationHistory evaluations;
    private readonly RunClock clock;
    private readonly LearnerDuties duties;
    private readonly int rolloutSteps;
    private readonly LearnerSnapshots? snapshots;
    private readonly IActorRef? target;
    private readonly Seat[] seats;
    private readonly DivergenceGuard divergence = new();
    private int turn;
    private bool capturing;
    private bool workersAsked;
    private double captureBeganAt;
    private EndTraining? endAfterCapture;

    /// <summary>A worker's place: its current loan while it waits here, and what it has been granted while it does not.</summary>
    private sealed class Seat
    {
        public int Life = -1;
        public int Granted;
        public GradientLoan? Waiting;
        public bool CarriesGradient;
        public RolloutGranted? Grant;
        public byte[]? State;
    }

    /// <summary>Made by the run supervisor.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="global">θ and what belongs to it.</param>
    /// <param name="evaluations">What the evaluations add up to.</param>
    /// <param name="clock">The run's seconds.</param>
    /// <param name="rolloutSteps">t_max.</param>
    public ParameterServer(RunSettings settings, GlobalParameters global, EvaluationHistory evaluations, RunClock clock, int rolloutSteps)
        : this(settings, global, evaluations, clock, rolloutSteps, null) { }

    /// <summary>Made by the run supervisor of a run that takes snapshots.</summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="global">θ and what belongs to it.</param>
    /// <param name="evaluations">What the evaluations add up to.</param>
    /// <param name="clock">The run's seconds.</param>
    /// <param name="rolloutSteps">t_max.</param>
    /// <param name="snapshots">When one is due, and what to go on from.</param>
    /// <param name="target">The target network that the workers share; null for an algorithm without.</param>
    public ParameterServer(
        RunSettings settings, GlobalParameters global, EvaluationHistory evaluations, RunClock clock, int rolloutSteps, LearnerSnapshots? snapshots, IActorRef? target = null)
    {
        (this.settings, this.global, this.evaluations, this.clock, this.rolloutSteps, this.snapshots, this.target) = (settings, global, evaluations, clock, rolloutSteps, snapshots, target);
        seats = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Seat())];
        duties = new LearnerDuties(settings, global.Statistics, evaluations, clock, Context.Parent, row => row with
        {
            Updates = global.Version,
            LearningRate = global.LearningRate,
            PolicyLag = global.PolicyLag,
        })
        {
            Ending = CaptureAtEnd,
        };
        if (snapshots?.Restored is { } state)
            Restore(state);

        Receive<ApplyGradient>(message => Arrive(message.Loan, carriesGradient: true));
        Receive<AttachWorker>(message => Attach(message));
        Receive<DetachWorker>(message => Detach(message.Loan));
        Receive<PolicyEvaluated>(message =>
        {
            duties.Take(message, global.Parameters);
            ServeWaiting();
        });
        Receive<EvaluationFailed>(_ =>
        {
            duties.TakeFailure(global.Parameters);
            ServeWaiting();
        });
        Receive<WorkerCaptured>(message => Take(message));
        Receive<SnapshotSettled>(message => snapshots!.Settle(message.Reusable));
        Receive<EndTraining>(message => EndOnRequest(message));
        Receive<PartFailed>(message => throw new PartFailedException($"The {message.Part} threw {message.Reason}"));
        Receive<Terminated>(_ => !duties.HasEnded, message => throw new PartFailedException($"The {message.ActorRef.Path.Name} stopped."));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (target is not null)
            Context.Watch(target);
        SendTarget();
        duties.Begin(global.Steps.Applied);
    }

    private void SendTarget() => target?.Tell(new MoveTarget(global.Incarnation, global.Target!));

    private void Attach(AttachWorker message)
    {
        var loan = message.Loan;
        var seat = seats[loan.Worker];
        if (duties.HasEnded || loan.Incarnation != global.Incarnation || loan.Life <= seat.Life)
            return;
        // A worker that had to be replaced may have acted on parameters that have blown up.
        if (loan.Life > 0)
            DivergenceGuard.RequireFinite(global.Parameters);
        if (!message.Resumes)
        {
            global.Steps.Settle(seat.Granted, applied: 0);
            seat.Granted = 0;
        }
        (seat.Life, seat.Grant, seat.State) = (loan.Life, new RolloutGranted(loan), null);
        if (workersAsked)
            loan.Holder.Tell(new CaptureWorker(global.Incarnation));
        Arrive(loan, message.CarriesGradient);
    }

    private void Detach(GradientLoan loan)
    {
        var seat = seats[loan.Worker];
        if (duties.HasEnded || loan.Incarnation != global.Incarnation || loan.Life != seat.Life)
            return;
        global.Steps.Settle(seat.Granted, applied: 0);
        (seat.Granted, seat.Waiting, seat.CarriesGradient) = (0, null, false);
        ServeWaiting();
    }

    /// <summary>A loan came home: apply what it carries, now or in its turn, and lend it out again.</summary>
    private void Arrive(GradientLoan loan, bool carriesGradient)
    {
        var seat = seats[loan.Worker];
        if (loan.Incarnation != global.Incarnation)
            Context.Parent.Tell(new GradientRefused(loan.Worker, global.Steps.Applied, FaultKind.StaleGradient));
        if (duties.HasEnded || loan.Life != seat.Life || loan.Incarnation != global.Incarnation)
            return;
        (seat.Waiting, seat.CarriesGradient) = (loan, carriesGradient);
        if (settings.Deterministic)
            ServeInTurn();
        else if (!duties.AwaitsEvaluation)
            Serve(seat);
    }

    private void ServeInTurn()
    {
        // Stops at the first worker that is still out on a rollout. One that waits without a gradient had no steps left to make; it
        // is asked again each turn, and passed over while what is left is out with the others.
        while (!duties.HasEnded && !duties.AwaitsEvaluation && !capturing && seats[turn].Waiting is not null)
        {
            var seat = seats[turn];
            turn = (turn + 1) % seats.Length;
            Serve(seat);
        }
        if (capturing)
            CaptureWorkers();
    }

    /// <summary>An evaluation is over: training goes on, if it waited and does not wait for the next.</summary>
    private void ServeWaiting()
    {
        if (settings.Deterministic)
            ServeInTurn();
        else
            foreach (var seat in seats)
                Serve(seat);
    }

    private void Serve(Seat seat)
    {
        var stepsCameFree = false;
        if (seat is { CarriesGradient: true, Waiting: { } loan } && !duties.HasEnded && !duties.AwaitsEvaluation)
            stepsCameFree = Apply(seat, loan);
        Grant(seat);
        if (stepsCameFree && !settings.Deterministic)
            foreach (var other in seats)
                Grant(other);
    }

    /// <summary>Applies or refuses a gradient; returns whether some of the steps granted for it were not used up.</summary>
    private bool Apply(Seat seat, GradientLoan loan)
    {
        seat.CarriesGradient = false;
        var refusal = global.Apply(loan);
        var applied = refusal is null ? loan.Steps : 0;
        var stepsCameFree = applied < seat.Granted;
        global.Steps.Settle(seat.Granted, applied);
        seat.Granted = 0;
        if (refusal is { } kind)
            Context.Parent.Tell(new GradientRefused(loan.Worker, global.Steps.Applied, kind));
        divergence.Take(refusal == FaultKind.NonFiniteGradient, global.Parameters);
        if (global.MoveTarget())
            SendTarget();
        duties.Advance(global.Steps.Applied, global.Parameters);
        if (snapshots?.IsDue(global.Steps.Applied, global.Version, clock.Seconds) == true)
            BeginSnapshot();
        duties.EndWhenOver();
        return stepsCameFree;
    }

    private void Grant(Seat seat)
    {
        if (duties.HasEnded || duties.AwaitsEvaluation || seat.Waiting is not { } loan || seat.CarriesGradient)
            return;
        var steps = loan.StepsWanted == 0 ? global.Steps.Grant(rolloutSteps) : global.Steps.Grant(loan.StepsWanted, rolloutSteps);
        if (steps == 0)
            return;
        global.Parameters.CopyTo(loan.Vector, 0);
        (loan.Version, loan.Steps, loan.Episode, loan.Incarnation) = (global.Version, steps, null, global.Incarnation);
        (loan.TargetVersion, loan.GlobalStep) = (global.Target?.Version ?? 0, global.Steps.Applied);
        if (loan.StepsWanted > 0)
            LendToNode(loan);
        (seat.Granted, seat.Waiting) = (steps, null);
        loan.Holder.Tell(seat.Grant!);
    }

    /// <summary>A node makes updates itself.</summary>
    private void LendToNode(GradientLoan loan)
    {
        loan.LearningRate = global.LearningRate;
        loan.Moments = loan.WantsMoments ? global.CopyMoments() : default;
        loan.WantsMoments = false;
    }

    private void EndOnRequest(EndTraining message)
    {
        var waitsForWorkers = message.Reason == StopReasons.Stopped && snapshots is { IsOn: true, IsExact: true } && endAfterCapture is null && !duties.IsSpent;
        if (!waitsForWorkers)
        {
            duties.End(message.Reason, message.Detail);
            return;
        }
        (endAfterCapture, capturing, captureBeganAt) = (message, true, clock.Seconds);
        ServeInTurn();
    }

    private void CaptureAtEnd(string reason)
    {
        if (!IsWorthKeeping(reason))
            return;
        if (!capturing)
            captureBeganAt = clock.Seconds;
        Capture();
    }

    /// <summary>A run that was stopped goes on from its end, and one that is finished when more env steps are asked of it.</summary>
    private bool IsWorthKeeping(string reason) => snapshots is { IsOn: true } && reason != StopReasons.Failed && DivergenceGuard.AreFinite(global.Parameters);

    private void BeginSnapshot()
    {
        captureBeganAt = clock.Seconds;
        if (snapshots!.IsExact)
            capturing = true;
        else
            Capture();
    }

    /// <summary>Every loan is home: asks the workers for their states. Each worker answers at once, for it has nothing else to do.</summary>
    private void CaptureWorkers()
    {
        if (duties.HasEnded || workersAsked || duties.AwaitsEvaluation || seats.Any(seat => seat.Waiting is null))
            return;
        workersAsked = true;
        foreach (var seat in seats)
        {
            seat.State = null;
            seat.Waiting!.Holder.Tell(new CaptureWorker(global.Incarnation));
        }
    }

    private void Take(WorkerCaptured message)
    {
        var seat = seats[message.Worker];
        if (duties.HasEnded || !workersAsked || message.Life != seat.Life || message.Incarnation != global.Incarnation)
            return;
        seat.State = message.State;
        if (seats.Any(other => other.State is null))
            return;
        if (endAfterCapture is { } end)
        {
            duties.End(end.Reason, end.Detail);
            return;
        }
        Capture();
        (capturing, workersAsked) = (false, false);
        foreach (var other in seats)
            other.State = null;
        ServeInTurn();
    }

    private void Capture()
    {
        DivergenceGuard.RequireFinite(global.Parameters);
        var step = global.Steps.Applied;
        var state = snapshots!.Begin(step, global.Version, clock.Seconds);
        global.Capture(state);
        evaluations.Capture(state);
        duties.Capture(state);
        state.Write("turn", turn);
        var isExact = snapshots.IsExact && seats.All(seat => seat is { Waiting: not null, State: not null });
        for (var worker = 0; worker < seats.Length; worker++)
        {
            var seat = seats[worker];
            WorkerStates.CaptureLife(state, worker, seat.Life);
            if (isExact)
                CapturedWorkers.Capture(state, seat.Waiting!, seat.Granted, seat.CarriesGradient, seat.State!);
        }
        Context.Parent.Tell(new StateCaptured(state, step, global.Version, isExact, clock.Seconds - captureBeganAt));
    }

    private void Restore(RunState state)
    {
        duties.Restore(state);
        if (!snapshots!.IsExact)
            return;
        turn = (int)state.Whole("turn");
        for (var worker = 0; worker < seats.Length; worker++)
            seats[worker].Granted = CapturedWorkers.Granted(state, worker);
    }
}
