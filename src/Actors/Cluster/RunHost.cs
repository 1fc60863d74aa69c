using Akka.Actor;
using Akka.Cluster;
using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using static AkkaRL.Actors.Protocol.ClusterRuns;

namespace AkkaRL.Actors.Cluster;

/// <summary>The cluster singleton: a run, on whichever of the learner's candidates is the oldest. Nodes talk to it until they are admitted.</summary>
/// <remarks>
/// <para>Parent: the singleton manager, which makes it on one node at a time. Supervises the <see cref="RunSupervisor"/>, whose pool is a <see cref="ClusterPool"/>.</para>
/// <para>In: <see cref="JoinRun"/>, <see cref="DescribeRun"/> from nodes; <see cref="ClusterPool.Started"/> from the pool; <see cref="HandOver"/> from the manager when this node leaves.
/// Out: <see cref="JoinRefused"/>, <see cref="RunEnded"/>, <see cref="RunDescribed"/>.</para>
/// <para>It takes the run over from the database, as a process that resumes it does: there its incarnation is counted, and whoever wrote before is refused from then on. Told to hand over, it stops when the
/// run is saved.</para>
/// </remarks>
internal sealed class RunHost : ReceiveActor
{
    private readonly string runId;
    private readonly long totalSteps;
    private readonly TaskCompletionSource<RunResult?> outcome;
    private readonly IActorRef run;
    private IActorRef pool = ActorRefs.Nobody;
    private RunEnded? ended;
    private bool handsOver;
    private long globalStep;
    private long snapshotStep = -1;

    /// <summary>Manager to host: this node leaves; save the run and stop.</summary>
    public sealed record HandOver;

    private sealed record Finished(RunResult Result);

    private sealed record Broke(Exception Cause);

    /// <param name="plan">The run.</param>
    /// <param name="runId">What it is called.</param>
    /// <param name="listener">Is told every run event; may be null.</param>
    /// <param name="storage">Where snapshots go; null for none.</param>
    /// <param name="links">How links go.</param>
    /// <param name="outcome">Receives the result, if the run ends here.</param>
    /// <param name="time">Where time comes from.</param>
    public RunHost(
        RunPlan plan, string runId, Action<RunEvent>? listener, SnapshotStorage? storage, LinkSettings links, TaskCompletionSource<RunResult?> outcome, TimeProvider time)
    {
        (this.runId, this.outcome, totalSteps) = (runId, outcome, plan.Settings.TotalSteps);
        var self = Self;
        var completion = new TaskCompletionSource<RunResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var takenOver = storage is null ? null : storage with { Resume = true };
        Action<RunEvent> hear = happened =>
        {
            listener?.Invoke(happened);
            if (happened is ProgressReported or SnapshotSaved or RunResumed)
                self.Tell(happened);
        };
        Func<TrainingShape, IActorRef, Props> poolOf = (shape, learner) => Props.Create(() => new ClusterPool(plan, runId, shape, learner, self, links, time));
        run = Context.Watch(Context.ActorOf(Props.Create(() => new RunSupervisor(plan, hear, completion, time, takenOver, poolOf)), "run"));
        completion.Task.PipeTo(self, self, result => new Finished(result), cause => new Broke(cause));

        Receive<JoinRun>(Take);
        Receive<DescribeRun>(_ => Describe());
        Receive<ClusterPool.Started>(_ => pool = Sender);
        Receive<HandOver>(_ => BeginHandOver());
        Receive<Finished>(message => Finish(message.Result));
        Receive<Broke>(message => Break(message.Cause));
        Receive<ProgressReported>(message => globalStep = message.GlobalStep);
        Receive<RunResumed>(message => globalStep = message.GlobalStep);
        Receive<SnapshotSaved>(message => snapshotStep = message.GlobalStep);
        Receive<Terminated>(_ => Break(new InvalidOperationException("The run's supervisor threw, which is a bug of AkkaRL; the log on standard error says what.")));
    }

    private void Take(JoinRun join)
    {
        if (join.Version != ClusterRun.SoftwareVersion)
            Sender.Tell(new JoinRefused($"This node is of version {join.Version}, the learner of {ClusterRun.SoftwareVersion}. Start the same version everywhere."));
        else if (join.RunId != "" && join.RunId != runId)
            Sender.Tell(new JoinRefused($"This node was started for the run {join.RunId}, but the learner's is {runId}. Start it for that one, or for any."));
        else if (ended is not null)
            Sender.Tell(ended);
        else
            pool.Forward(join);
    }

    private void Describe()
    {
        var known = new RunDescribed(runId, 0, globalStep, totalSteps, snapshotStep, []);
        if (ended is null && !pool.IsNobody())
            pool.Forward(new ClusterPool.Describe(known));
        else
            Sender.Tell(known);
    }

    private void BeginHandOver()
    {
        handsOver = true;
        if (ended is not null)
            Context.Stop(Self);
        else
            run.Tell(new Supervision.EndTraining(StopReasons.Stopped));
    }

    private void Finish(RunResult result)
    {
        var (reason, detail) = (result.Summary.StopReason, result.Summary.StopDetail ?? "");
        var goesOnElsewhere = result.Summary.IsFenced || (handsOver && reason == StopReasons.Stopped && OtherCandidates().Any());
        if (!goesOnElsewhere)
            Announce(new RunEnded(runId, reason, detail));
        if (result.Summary.IsFenced)
            outcome.TrySetException(new LearnerFencedException(detail));
        else
            outcome.TrySetResult(result);
        if (handsOver)
            Context.Stop(Self);
    }

    private void Break(Exception cause)
    {
        outcome.TrySetException(cause);
        if (handsOver)
            Context.Stop(Self);
    }

    /// <summary>Tells the other candidates; nodes are told when they ask, for their links are closed.</summary>
    private void Announce(RunEnded message)
    {
        ended = message;
        foreach (var candidate in OtherCandidates())
            Context.ActorSelection(new RootActorPath(candidate.Address) / "user" / ClusterRun.CandidateName).Tell(message);
    }

    private static IEnumerable<Member> OtherCandidates()
    {
        var cluster = Akka.Cluster.Cluster.Get(Context.System);
        return cluster.State.Members.Where(member => member.Status == MemberStatus.Up && member.HasRole(ClusterRun.LearnerRole) && member.UniqueAddress != cluster.SelfUniqueAddress);
    }
}
