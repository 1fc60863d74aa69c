using System.Collections.Immutable;

namespace AkkaRL.Models.Networks;

/// <summary>The nonlinearity after each hidden layer.</summary>
public enum Activation
{
    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    ReLU,

    /// <summary>x for x &gt; 0, eˣ − 1 otherwise.</summary>
    ELU,

    /// <summary>x · sigmoid x.</summary>
    SiLU,
}

/// <summary>One named group of output columns.</summary>
/// <param name="Name">What the columns mean: <c>policy</c>, <c>value</c>, <c>log-std</c> ...</param>
/// <param name="Size">Number of columns.</param>
/// <param name="Gain">Gain of the orthogonal initialisation of the output weights; biases start at zero.</param>
public sealed record HeadSpec(string Name, int Size, float Gain);

/// <summary>
/// A network of its own: convolutions, hidden layers, a memory, then the heads as one linear layer side by side. Without convolutions and
/// memory it is a multilayer perceptron.
/// </summary>
/// <param name="Hidden">Widths of the hidden layers, input side first; may be empty (a linear map).</param>
/// <param name="Heads">The heads that share the tower, in the order of their output columns.</param>
public sealed record TowerSpec(ImmutableArray<int> Hidden, ImmutableArray<HeadSpec> Heads)
{
    /// <summary>The convolutions in front, for observations that are images; null for none.</summary>
    public ConvolutionSpec? Convolution { get; init; }

    /// <summary>Units of the LSTM behind the hidden layers; 0 for no memory.</summary>
    public int RecurrentUnits { get; init; }

    /// <summary>Output columns of the tower.</summary>
    public int Outputs => Heads.Sum(head => head.Size);

    /// <summary>Floats that the tower remembers from step to step: h, then c.</summary>
    public int StateSize => 2 * RecurrentUnits;
}

/// <summary>
/// A network: observations [B, O] in, outputs [B, H] out, H the columns of every tower in order and then the constants.
/// A shared trunk is one tower with two heads; separate policy and value networks are two towers.
/// </summary>
/// <param name="Inputs">O, floats an observation.</param>
/// <param name="Activation">The nonlinearity of every hidden layer.</param>
/// <param name="Towers">The towers; each sees the whole observation.</param>
/// <param name="Constants">
/// Output columns that do not depend on the observation, such as the log standard deviation of a Gaussian policy:
/// each is one parameter repeated over the batch, its gradient the sum over the batch. 0 for none.
/// </param>
/// <param name="InitialConstant">What the constants start at.</param>
public sealed record NetworkSpec(int Inputs, Activation Activation, ImmutableArray<TowerSpec> Towers, int Constants = 0, float InitialConstant = 0)
{
    /// <summary>H, the floats of one output row.</summary>
    public int Outputs => Towers.Sum(tower => tower.Outputs) + Constants;

    /// <summary>S, the floats remembered from step to step, tower by tower; 0 for a network without memory.</summary>
    public int StateSize => Towers.Sum(tower => tower.StateSize);

    /// <summary>Whether it is made of dense layers alone, without convolutions or memory.</summary>
    public bool IsDense => Towers.All(tower => tower.Convolution is null && tower.RecurrentUnits == 0);

    /// <summary>
    /// The towers, each as a network, the constants with the last: outputs and parameters of the whole are theirs one after the other.
    /// </summary>
    public IEnumerable<NetworkSpec> Parts =>
        Towers.Select((tower, index) => this with { Towers = [tower], Constants = index == Towers.Length - 1 ? Constants : 0 });

    /// <summary>The same network with a convolution and a memory in each tower, as the settings have them.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="shape">How the observation is arranged; [channels, rows, columns] for a convolution.</param>
    public NetworkSpec With(NetworkSettings settings, ImmutableArray<int> shape) => this with
    {
        Towers = [.. Towers.Select(tower => tower with
        {
            Convolution = shape is [var channels, var rows, var columns] ? ConvolutionSpec.Of(settings.Convolution, channels, rows, columns) : null,
            RecurrentUnits = settings.Recurrent == RecurrentKind.LSTM ? settings.RecurrentUnits : 0,
        })],
    };

    /// <summary>The network of an actor-critic: a policy head (columns first) and one value column, on one trunk or on two towers.</summary>
    /// <param name="inputs">O, floats an observation.</param>
    /// <param name="policyOutputs">Columns of the policy head.</param>
    /// <param name="policyConstants">Constant columns of the policy (log standard deviations); they come last, after the value.</param>
    /// <param name="hidden">Widths of the hidden layers.</param>
    /// <param name="activation">The nonlinearity.</param>
    /// <param name="sharedTrunk">One tower for both heads, or one each.</param>
    /// <param name="initialConstant">What the constants start at.</param>
    public static NetworkSpec ActorCritic(
        int inputs, int policyOutputs, int policyConstants, ImmutableArray<int> hidden, Activation activation, bool sharedTrunk, float initialConstant = 0)
    {
        var policy = new HeadSpec("policy", policyOutputs, 0.01f);
        var value = new HeadSpec("value", 1, 1f);
        ImmutableArray<TowerSpec> towers = sharedTrunk
            ? [new TowerSpec(hidden, [policy, value])]
            : [new TowerSpec(hidden, [policy]), new TowerSpec(hidden, [value])];
        return new NetworkSpec(inputs, activation, towers, policyConstants, initialConstant);
    }
}
