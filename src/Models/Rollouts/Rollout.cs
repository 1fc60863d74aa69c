using AkkaRL.Models.State;

namespace AkkaRL.Models.Rollouts;

/// <summary>
/// What one worker recorded with one set of parameters: at most T steps of each of its E envs, in flat arrays, env by env
/// (row = env · T + step). Reused from rollout to rollout; nothing here allocates once made.
/// </summary>
/// <param name="envs">E.</param>
/// <param name="stepsMaximum">T, the most steps of one env.</param>
/// <param name="observationSize">O.</param>
/// <param name="actionSize">A.</param>
/// <param name="policySize">Columns of the policy in an output row, D.</param>
/// <param name="stateSize">S, floats of recurrent state; 0 for a policy without memory.</param>
public sealed class Rollout(int envs, int stepsMaximum, int observationSize, int actionSize, int policySize, int stateSize = 0)
{
    /// <summary>E.</summary>
    public int Envs => envs;

    /// <summary>T.</summary>
    public int StepsMaximum => stepsMaximum;

    /// <summary>Env steps of each env [E]: granted on the way to the worker, made on the way back.</summary>
    public int[] Steps { get; } = new int[envs];

    /// <summary>The recurrent state before each env's first step [E, S], as the policy that acted then had left it.</summary>
    public float[] InitialStates { get; } = new float[envs * stateSize];

    /// <summary>s_t as the env returned it [E·T, O].</summary>
    public float[] Observations { get; } = new float[envs * stepsMaximum * observationSize];

    /// <summary>a_t as it was drawn, not clipped to the action space [E·T, A].</summary>
    public float[] Actions { get; } = new float[envs * stepsMaximum * actionSize];

    /// <summary>The distribution that a_t was drawn from, head columns and constants [E·T, D]; −∞ for an action that a mask did not allow.</summary>
    public float[] PolicyParameters { get; } = new float[envs * stepsMaximum * policySize];

    /// <summary>log μ(a_t | s_t) of the policy that acted [E·T].</summary>
    public float[] LogProbabilities { get; } = new float[envs * stepsMaximum];

    /// <summary>V(s_t) of the network that acted [E·T].</summary>
    public float[] Values { get; } = new float[envs * stepsMaximum];

    /// <summary>r_t, raw [E·T].</summary>
    public float[] Rewards { get; } = new float[envs * stepsMaximum];

    /// <summary>Whether step t terminated its episode [E·T].</summary>
    public bool[] Terminated { get; } = new bool[envs * stepsMaximum];

    /// <summary>Whether step t's episode was cut off [E·T].</summary>
    public bool[] Truncated { get; } = new bool[envs * stepsMaximum];

    /// <summary>V of the final observation of a truncated episode [E·T]; 0 elsewhere.</summary>
    public float[] FinalValues { get; } = new float[envs * stepsMaximum];

    /// <summary>V of the observation after each env's last step [E]; read only where that step ended nothing.</summary>
    public float[] BootstrapValues { get; } = new float[envs];

    /// <summary>O.</summary>
    public int ObservationSize => observationSize;

    /// <summary>A.</summary>
    public int ActionSize => actionSize;

    /// <summary>D.</summary>
    public int PolicySize => policySize;

    /// <summary>All that is recorded here.</summary>
    public void Visit(IStateVisitor state)
    {
        state.Visit("steps", Steps);
        state.Visit("initial-states", InitialStates);
        state.Visit("observations", Observations);
        state.Visit("actions", Actions);
        state.Visit("policy-parameters", PolicyParameters);
        state.Visit("log-probabilities", LogProbabilities);
        state.Visit("values", Values);
        state.Visit("rewards", Rewards);
        state.Visit("terminated", Terminated);
        state.Visit("truncated", Truncated);
        state.Visit("final-values", FinalValues);
        state.Visit("bootstrap-values", BootstrapValues);
    }
}
