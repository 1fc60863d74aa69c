using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Algorithms;

/// <summary>What a rollout's Q is regressed towards: where the asynchronous value methods differ.</summary>
/// <param name="rollout">The rollout.</param>
/// <param name="target">The shared target network Q⁻.</param>
/// <param name="gamma">γ.</param>
/// <param name="targets">Receives y [T].</param>
public delegate void TargetRule(in RecordedRollout rollout, INetwork target, float gamma, Span<float> targets);

/// <summary>
/// What one worker does in each of <see cref="OneStepQ"/>, <see cref="OneStepSarsa"/> and <see cref="NStepQ"/>: acts ε-greedily with a copy
/// of Q, and turns a rollout into the gradient of Σ ½(y_t − Q(s_t, a_t))², with y by the algorithm's rule.
/// </summary>
/// <remarks>
/// <para>ε falls in a straight line to a value that each worker draws for itself, so that the workers explore differently (Mnih et al. 2016, section 4).</para>
/// <para>Hot path: nothing here allocates once constructed (fused engine).</para>
/// </remarks>
public sealed class ActionValueWorker : IGradientAlgorithm
{
    private const int None = -1;

    private readonly AsynchronousQSettings settings;
    private readonly INetwork network;
    private readonly INetwork target;
    private readonly TargetRule rule;
    private readonly bool onPolicy;
    private readonly long explorationSteps;
    private readonly int observationSize;
    private readonly int actionCount;
    private readonly float[] observations;
    private readonly int[] actions;
    private readonly bool[] allowed; // rows of A, of rollouts whose actions are masked
    private readonly float[] rewards;
    private readonly float[] values;
    private readonly float[] targets;
    private readonly float[] outputGradients;
    private readonly float[] action = new float[1];
    private readonly float maximumNorm;
    private float finalEpsilon;
    private float epsilon;
    private int chosen = None;
    private int maximumSteps;
    private bool isMasked;
    private bool terminated;

    /// <summary>The math of one worker.</summary>
    /// <param name="settings">The hyperparameters.</param>
    /// <param name="network">The worker's local Q, which remembers at least t_max + 1 rows; owned from now on.</param>
    /// <param name="target">The worker's copy of Q⁻, which remembers at least t_max rows; owned from now on.</param>
    /// <param name="rule">y.</param>
    /// <param name="onPolicy">Whether y needs the action that follows the rollout; it is then taken.</param>
    /// <param name="totalSteps">Env steps of the run.</param>
    /// <param name="random">The worker's random numbers, from which it draws its final ε.</param>
    public ActionValueWorker(
        AsynchronousQSettings settings, INetwork network, INetwork target, TargetRule rule, bool onPolicy, long totalSteps, RandomStream random)
    {
        (this.settings, this.network, this.target, this.rule, this.onPolicy) = (settings, network, target, rule, onPolicy);
        ArgumentOutOfRangeException.ThrowIfLessThan(network.RowCapacity, settings.RolloutSteps + 1, "network.RowCapacity");
        ArgumentOutOfRangeException.ThrowIfLessThan(target.RowCapacity, settings.RolloutSteps, "target.RowCapacity");
        (observationSize, actionCount) = (network.Spec.Inputs, network.Spec.Outputs);
        observations = new float[(settings.RolloutSteps + 1) * observationSize];
        actions = new int[settings.RolloutSteps + 1];
        allowed = new bool[actions.Length * actionCount];
        rewards = new float[settings.RolloutSteps];
        values = new float[settings.RolloutSteps];
        targets = new float[settings.RolloutSteps];
        outputGradients = new float[settings.RolloutSteps * actionCount];
        maximumNorm = settings.MaximumGradientNorm > 0 ? (float)settings.MaximumGradientNorm : float.PositiveInfinity;
        explorationSteps = (long)(settings.ExplorationFraction * totalSteps);
        finalEpsilon = Draw(settings, random);
    }

    /// <summary>What ε falls to in this worker.</summary>
    public float FinalEpsilon => finalEpsilon;

    /// <inheritdoc/>
    public int Steps { get; private set; }

    /// <inheritdoc/>
    public bool EpisodeEnded { get; private set; }

    /// <inheritdoc/>
    public bool IsRolloutOver => EpisodeEnded || Steps == maximumSteps;

    /// <inheritdoc/>
    public void LoadTarget(ReadOnlySpan<float> parameters) => target.Load(parameters);

    /// <inheritdoc/>
    public void Synchronize(ReadOnlySpan<float> parameters, int steps, long globalStep)
    {
        network.Load(parameters);
        epsilon = new LearningRateSchedule((float)settings.Epsilon, finalEpsilon, explorationSteps).At(globalStep);
        maximumSteps = Math.Min(steps, settings.RolloutSteps);
        Steps = 0;
        EpisodeEnded = terminated = false;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Act(ReadOnlySpan<float> observation, RandomStream random, ReadOnlySpan<bool> allowed = default)
    {
        observation.CopyTo(Observation(Steps));
        var row = network.Forward(observation, Steps);
        // Sarsa chose it at the end of the rollout before, when it learned from it.
        var taken = chosen != None ? chosen : Choose(row, random, allowed);
        Keep(allowed);
        chosen = None;
        (actions[Steps], values[Steps]) = (taken, row[taken]);
        action[0] = taken;
        return action;
    }

    /// <inheritdoc/>
    public void Observe(double reward, bool terminated, bool truncated)
    {
        rewards[Steps++] = (float)(reward * settings.RewardScale);
        this.terminated = terminated;
        EpisodeEnded = terminated || truncated;
    }

    /// <inheritdoc/>
    public ActorCriticLosses ComputeGradient(ReadOnlySpan<float> nextObservation, RandomStream random, Span<float> gradient, ReadOnlySpan<bool> nextAllowed = default)
    {
        nextObservation.CopyTo(Observation(Steps));
        Keep(nextAllowed);
        if (onPolicy && !terminated)
        {
            actions[Steps] = Choose(network.Forward(nextObservation, Steps), random, nextAllowed);
            chosen = EpisodeEnded ? None : actions[Steps];
        }
        var rollout = new RecordedRollout(
            rewards.AsSpan(0, Steps), observations.AsSpan(observationSize, Steps * observationSize), actions.AsSpan(1, Steps), terminated,
            isMasked ? allowed.AsSpan(actionCount, Steps * actionCount) : []);
        rule(rollout, target, (float)settings.Gamma, targets.AsSpan(0, Steps));

        var loss = 0.0;
        outputGradients.AsSpan(0, Steps * actionCount).Clear();
        for (var t = 0; t < Steps; t++)
        {
            var error = values[t] - targets[t];
            outputGradients[t * actionCount + actions[t]] = error;
            loss += 0.5 * error * error;
        }
        network.Backward(outputGradients.AsSpan(0, Steps * actionCount), gradient);
        var norm = GradientClipping.ClipByGlobalNorm(gradient, maximumNorm);
        return new ActorCriticLosses(double.NaN, loss / Steps, double.NaN, norm);
    }

    /// <summary>The final ε, and the action that the next rollout begins with.</summary>
    public void CaptureState(BinaryWriter writer)
    {
        writer.Write(finalEpsilon);
        writer.Write(chosen);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        finalEpsilon = reader.ReadSingle();
        chosen = reader.ReadInt32();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        network.Dispose();
        target.Dispose();
    }

    private int Choose(ReadOnlySpan<float> row, RandomStream random, ReadOnlySpan<bool> allowed) =>
        random.NextDouble() < epsilon ? ActionMask.Draw(allowed, actionCount, random) : ActionMask.Best(allowed, row);

    /// <summary>Remembers the mask of the state at hand; where there is none, after a rollout that terminated, its row is not read.</summary>
    private void Keep(ReadOnlySpan<bool> mask)
    {
        if (mask.IsEmpty)
            return;
        isMasked = true;
        mask.CopyTo(allowed.AsSpan(Steps * actionCount));
    }

    private static float Draw(AsynchronousQSettings settings, RandomStream random)
    {
        var left = random.NextDouble();
        for (var i = 0; i < settings.FinalEpsilons.Length - 1; i++)
            if ((left -= settings.FinalEpsilonProbabilities[i]) < 0)
                return (float)settings.FinalEpsilons[i];
        return (float)settings.FinalEpsilons[^1];
    }

    private Span<float> Observation(int step) => observations.AsSpan(step * observationSize, observationSize);
}
