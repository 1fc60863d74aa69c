using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;
using AkkaRL.Models.State;

namespace AkkaRL.Actors.Synchronous;

/// <summary>
/// The global state of the synchronous shape and what one batch does to it: θ with its optimizer, the normalisation's statistics, the
/// global step, the learner's random numbers. No actors, no clock. What a snapshot has to hold is here.
/// </summary>
public sealed class RolloutTraining : IDisposable
{
    private readonly RunPlan plan;
    private readonly BatchSize size;
    private readonly Func<IRolloutAlgorithm> makeAlgorithm;
    private readonly LearningRateSchedule learningRate;
    private readonly RolloutNormalization normalization;
    private readonly ShardedGradient gradients;
    private readonly RolloutBatch batch;
    private readonly float[] acting;
    private readonly PolicyLagStatistics lag = new();
    private int gathered;
    private IRolloutAlgorithm algorithm;
    private RandomStream random;

    /// <summary>The state that a run starts with.</summary>
    public RolloutTraining(RunPlan plan, ActorCriticPolicy policy, RolloutSettings settings, BatchSize size, Func<IRolloutAlgorithm> makeAlgorithm, int minibatchSize)
    {
        (this.plan, this.size, this.makeAlgorithm) = (plan, size, makeAlgorithm);
        algorithm = makeAlgorithm();
        learningRate = new LearningRateSchedule((float)settings.LearningRate, (float)settings.FinalLearningRate, plan.Settings.TotalSteps);
        normalization = new RolloutNormalization(settings, plan.ObservationSize, size.Workers);
        var stateSize = plan.Network.StateSize;
        gradients = new ShardedGradient(plan.NetworkParts(), minibatchSize, stateSize > 0 ? size.StepsMaximum : 1);
        batch = new RolloutBatch(size.Rows, plan.ObservationSize, policy.Distribution.ActionSize, policy.Outputs.PolicySize, stateSize);
        random = plan.LearnerRandom();
        Descent = new PolicyDescent(plan.InitialParameters(), plan.MakeOptimizer(), gradients) { LearningRate = learningRate.Start };
        acting = new float[plan.Layout.Count];
        Statistics = new TrainingStatistics(plan.Settings.Metrics.EpisodeWindow);
        normalization.Fold(plan.Layout, Descent.Parameters, acting);
    }

    /// <summary>θ and its updates.</summary>
    public PolicyDescent Descent { get; }

    /// <summary>θ as workers, evaluator and policy files take it: for observations as the env returns them [P].</summary>
    public ReadOnlySpan<float> ActingParameters => acting;

    /// <summary>Env steps learned from.</summary>
    public long GlobalStep { get; private set; }

    /// <summary>Policy lag of all batches learned from: 0 unless workers are sent on before an update.</summary>
    public PolicyLagRange PolicyLag => lag.Range;
    /// <summary>Factor on the learning rate, below 1 after the divergence guard rolled the run back.</summary>
    public float LearningRateFactor { get; set; } = 1;

    /// <summary>The latest episodes.</summary>
    public TrainingStatistics Statistics { get; }

    /// <summary>Fills in what a worker needs for its share of the batch at hand.</summary>
    public void Prepare(RolloutLoan loan)
    {
        acting.CopyTo(loan.Parameters, 0);
        loan.Version = Descent.Updates;
        size.Share(plan.Settings.TotalSteps - GlobalStep - gathered, loan.Worker, loan.Rollout.Steps);
    }

    /// <summary>A worker's envs begin anew: what it had of open episodes is gone.</summary>
    public void ForgetEpisodes(int worker) => normalization.Forget(worker);

    /// <summary>Takes in the workers' shares, in their order, for <see cref="Learn"/>; the loans may be lent again.</summary>
    public void Gather(IEnumerable<RolloutLoan> shares)
    {
        batch.Clear();
        foreach (var share in shares)
        {
            normalization.ScaleRewards(share.Worker, share.Rollout);
            batch.Append(share.Rollout);
            lag.Add(Descent.Updates - share.Version);
            foreach (var episode in share.Episodes)
                Statistics.Add(episode);
        }
        normalization.Normalize(batch);
        gathered = batch.Count;
    }

    /// <summary>Whether nothing is left to collect when the batch at hand is learned from.</summary>
    public bool IsLastBatch => GlobalStep + gathered == plan.Settings.TotalSteps;

    /// <summary>Learns from what was gathered; returns how many gradients were refused because they were not finite.</summary>
    public int Learn()
    {
        Descent.LearningRate = learningRate.At(GlobalStep) * LearningRateFactor;
        var refusedBefore = Descent.Refused;
        algorithm.Learn(batch, Descent, (double)GlobalStep / plan.Settings.TotalSteps, random);
        GlobalStep += gathered;
        gathered = 0;
        normalization.Fold(plan.Layout, Descent.Parameters, acting);
        return (int)(Descent.Refused - refusedBefore);
    }

    /// <summary>Writes what <see cref="Restore"/> reads.</summary>
    public void Capture(RunState state)
    {
        state.Write("global-step", GlobalStep);
        Visit(new RunStateVisitor(state, isRestoring: false));
        normalization.Capture(state);
        Statistics.Capture(state);
        lag.Capture(state);
    }

    /// <summary>Goes on from a snapshot; from the start without one.</summary>
    public void Restore(RunState? state)
    {
        (algorithm, random) = (makeAlgorithm(), plan.LearnerRandom());
        if (state is null)
            Descent.Reset(plan.InitialParameters(), plan.MakeOptimizer());
        else
            Visit(new RunStateVisitor(state, isRestoring: true));
        GlobalStep = state?.Whole("global-step") ?? 0;
        normalization.Restore(state);
        Statistics.Restore(state);
        lag.Restore(state);
        gathered = 0;
        normalization.Fold(plan.Layout, Descent.Parameters, acting);
    }

    /// <inheritdoc/>
    public void Dispose() => gradients.Dispose();

    private void Visit(IStateVisitor state)
    {
        Descent.Visit(state);
        state.Visit("random", random);
        algorithm.Visit(state);
    }
}
