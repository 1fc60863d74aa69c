using AkkaRL.Models.Distributions;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Algorithms;

/// <summary>
/// Asynchronous advantage actor-critic, the part of one worker: act for at most t_max steps with a copy of the parameters,
/// then turn the rollout into one gradient. Applying it belongs to the parameter server.
/// </summary>
/// <remarks>
/// <para>Source: V. Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning" (2016), Algorithm S3, for each worker:</para>
/// <code>
/// repeat
///   reset gradients dθ ← 0; synchronize θ′ = θ                       Synchronize
///   repeat
///     perform a_t according to π(a_t | s_t; θ′)                       Act
///     receive reward r_t and new state s_{t+1}                        Observe
///   until terminal s_t or t − t_start == t_max                        IsRolloutOver
///   R = 0 for terminal s_t, V(s_t; θ′) for non-terminal s_t           ComputeGradient
///   for i ∈ {t − 1, …, t_start} do
///     R ← r_i + γ R
///     dθ ← dθ + ∇ log π(a_i | s_i; θ′) (R − V(s_i; θ′)) + β ∇H(π(s_i; θ′))
///     dθ ← dθ + ∂(R − V(s_i; θ′))² / ∂θ′
///   perform asynchronous update of θ using dθ                         the parameter server
/// until T > T_max                                                     the parameter server
/// </code>
/// <para>Differences from the paper:</para>
/// <list type="number">
/// <item>One loss, L = L_policy + c_v L_value + c_reg L_reg, with L_policy = −Σ A log π, L_value = Σ ½(R − V)², L_reg = −Σ H; its gradient
/// is descended.</item>
/// <item>An episode that is truncated bootstraps from its final observation, like one that goes on; only termination sets R = 0.</item>
/// <item>The advantage is generalized (λ; Schulman et al. 2016, eq. 16) with R = A + V; λ = 1 is the paper's R − V.</item>
/// <item>The gradient of a rollout is clipped by its global norm (as the author's later mails say), not left as it is.</item>
/// <item>The forward passes made while acting are the ones differentiated: θ′ does not change within a rollout.</item>
/// <item>With a memory (the paper's A3C-LSTM) a rollout starts from the state that the one before left, which older parameters computed; the
/// gradient goes back through time to the rollout's start and no further.</item>
/// </list>
/// <para>Hot path: nothing here allocates once constructed.</para>
/// </remarks>
public sealed class A3C : IGradientAlgorithm
{
    private readonly A3CSettings settings;
    private readonly INetwork network;
    private readonly PolicyDistribution policy;
    private readonly ActorCriticOutputs outputs;
    private readonly float[] state;
    private readonly float[] initialState;
    private readonly float[] nextState;
    private readonly float[] observations;
    private readonly bool[] begins;
    private readonly float[] actions;
    private readonly float[] logProbabilities;
    private readonly float[] rewards;
    private readonly float[] values;
    private readonly float[] outputGradients;
    private readonly float[] policyParameters;
    private readonly float[] policyGradient;
    private readonly float maximumNorm;
    private readonly int outputSize;
    private int maximumSteps;
    private bool terminated;

    /// <summary>The math of one worker.</summary>
    /// <param name="settings">The hyperparameters.</param>
    /// <param name="network">The worker's local network θ′, an actor-critic that remembers at least t_max + 1 rows; owned from now on.</param>
    /// <param name="policy">The distribution that the policy columns parametrise.</param>
    public A3C(A3CSettings settings, INetwork network, PolicyDistribution policy)
    {
        this.settings = settings;
        this.network = network;
        this.policy = policy;
        outputs = new ActorCriticOutputs(network.Spec, policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(network.RowCapacity, settings.RolloutSteps + 1, "network.RowCapacity");
        outputSize = network.Spec.Outputs;
        state = new float[network.Spec.StateSize];
        initialState = new float[state.Length];
        nextState = new float[state.Length];
        observations = new float[state.Length > 0 ? settings.RolloutSteps * network.Spec.Inputs : 0];
        begins = new bool[settings.RolloutSteps];
        actions = new float[settings.RolloutSteps * policy.ActionSize];
        logProbabilities = new float[settings.RolloutSteps];
        rewards = new float[settings.RolloutSteps];
        values = new float[settings.RolloutSteps];
        outputGradients = new float[settings.RolloutSteps * outputSize];
        policyParameters = new float[settings.RolloutSteps * outputs.PolicySize];
        policyGradient = new float[outputs.PolicySize];
        maximumNorm = settings.MaximumGradientNorm > 0 ? (float)settings.MaximumGradientNorm : float.PositiveInfinity;
    }

    /// <inheritdoc/>
    public int Steps { get; private set; }

    /// <inheritdoc/>
    public bool EpisodeEnded { get; private set; }

    /// <inheritdoc/>
    public bool IsRolloutOver => EpisodeEnded || Steps == maximumSteps;

    /// <summary>What the network remembers of the open episode, before the next step [S]; zero at an episode's start. It belongs to the worker's state as the env's does.</summary>
    public Span<float> State => state;

    /// <inheritdoc/>
    public void Synchronize(ReadOnlySpan<float> parameters, int steps, long globalStep = 0)
    {
        network.Load(parameters);
        state.CopyTo(initialState, 0);
        maximumSteps = Math.Min(steps, settings.RolloutSteps);
        Steps = 0;
        EpisodeEnded = terminated = false;
    }

    /// <summary>Draws a_t ~ π(· | s_t; θ′).</summary>
    /// <param name="observation">s_t [O].</param>
    /// <param name="random">The worker's random numbers.</param>
    /// <param name="allowed">Which actions s_t allows [M]; empty for all.</param>
    /// <returns>The action [A], valid until the next rollout. A Gaussian one is not clipped to the action space.</returns>
    public ReadOnlySpan<float> Act(ReadOnlySpan<float> observation, RandomStream random, ReadOnlySpan<bool> allowed = default)
    {
        if (state.Length > 0)
            observation.CopyTo(observations.AsSpan(Steps * observation.Length));
        var row = network.Forward(observation, state, Steps);
        var parameters = PolicyParameters(Steps);
        outputs.GatherPolicy(row, parameters);
        ActionMask.Apply(allowed, parameters);
        values[Steps] = outputs.Value(row);
        var action = Action(Steps);
        logProbabilities[Steps] = policy.Sample(parameters, random, action);
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
    public void CaptureState(BinaryWriter writer)
    {
        foreach (var value in state)
            writer.Write(value);
    }

    /// <inheritdoc/>
    public void RestoreState(BinaryReader reader)
    {
        foreach (ref var value in state.AsSpan())
            value = reader.ReadSingle();
    }

    /// <inheritdoc/>
    public ActorCriticLosses ComputeGradient(ReadOnlySpan<float> nextObservation, RandomStream random, Span<float> gradient, ReadOnlySpan<bool> nextAllowed = default)
    {
        state.CopyTo(nextState, 0);
        var nextValue = terminated ? 0 : outputs.Value(network.Forward(nextObservation, nextState, Steps));
        var advantage = 0f;
        var (policyLoss, valueLoss, entropySum) = (0.0, 0.0, 0.0);
        var gamma = (float)settings.Gamma;
        var lambda = (float)settings.GaeLambda;
        for (var i = Steps - 1; i >= 0; i--)
        {
            // λ = 1: advantage = R − V(s_i) with R ← r_i + γ R.
            advantage = rewards[i] + gamma * nextValue - values[i] + gamma * lambda * advantage;
            nextValue = values[i];
            var row = outputGradients.AsSpan(i * outputSize, outputSize);
            entropySum += policy.Gradient(PolicyParameters(i), Action(i), -advantage, -(float)settings.EntropyCoefficient, policyGradient);
            outputs.ScatterPolicy(policyGradient, row);
            outputs.Value(row) = -(float)settings.ValueCoefficient * advantage;
            policyLoss -= advantage * logProbabilities[i];
            valueLoss += 0.5 * advantage * advantage;
        }
        if (state.Length > 0)
            network.Forward(observations.AsSpan(0, Steps * nextObservation.Length), new Sequences([Steps], initialState, begins.AsSpan(0, Steps)));
        network.Backward(outputGradients.AsSpan(0, Steps * outputSize), gradient);
        if (EpisodeEnded)
            Array.Clear(state);
        var norm = GradientClipping.ClipByGlobalNorm(gradient, maximumNorm);
        return new ActorCriticLosses(policyLoss / Steps, valueLoss / Steps, entropySum / Steps, norm);
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private Span<float> Action(int step) => actions.AsSpan(step * policy.ActionSize, policy.ActionSize);

    private Span<float> PolicyParameters(int step) => policyParameters.AsSpan(step * outputs.PolicySize, outputs.PolicySize);
}
