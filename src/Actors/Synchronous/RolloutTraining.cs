using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Rollouts;

namespace AkkaRL.Actors.Synchronous;

/// <summary>
/// The global state of the synchronous shape and what one batch does to it: θ with its optimizer, the normalisation's statistics, the
/// global step, the learner's random numbers. No actors, no clock. What a snapshot has to hold is here.
/// </summary>
public sealed class RolloutTraining : IDisposable
{
    private readonly RunPlan plan;
    private readonly BatchSize size;
    private readonly IRolloutAlgorithm algorithm;
    private readonly LearningRateSchedule learningRate;
    private readonly RolloutNormalization normalization;
    private readonly ShardedGradient gradients;
    private readonly RolloutBatch batch;
    private readonly RandomStream random;
    private readonly float[] acting;
    private readonly PolicyLagStatistics lag = new();
    private int gathered;

    /// <summary>The state that a run starts with.</summary>
    public RolloutTraining(RunPlan plan, ActorCriticPolicy policy, RolloutSettings settings, BatchSize size, IRolloutAlgorithm algorithm, int minibatchSize)
    {
        (this.plan, this.size, this.algorithm) = (plan, size, algorithm);
        learningRate = new LearningRateSchedule((float)settings.LearningRate, (float)settings.FinalLearningRate, plan.Settings.TotalSteps);
        normalization = new RolloutNormalization(settings, plan.ObservationSize);
        gradients = new ShardedGradient(plan.MakeNetwork, minibatchSize);
        batch = new RolloutBatch(size.Rows, plan.ObservationSize, policy.Distribution.ActionSize, policy.Outputs.PolicySize);
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
        Descent.LearningRate = learningRate.At(GlobalStep);
        var refusedBefore = Descent.Refused;
        algorithm.Learn(batch, Descent, (double)GlobalStep / plan.Settings.TotalSteps, random);
        GlobalStep += gathered;
        gathered = 0;
        normalization.Fold(plan.Layout, Descent.Parameters, acting);
        return (int)(Descent.Refused - refusedBefore);
    }

    /// <inheritdoc/>
    public void Dispose() => gradients.Dispose();
}
