namespace AkkaRL.Models.Algorithms;

/// <summary>What REINFORCE credits an action with.</summary>
public enum ActionCredit
{
    /// <summary>The return of the whole episode, rewards before the action included.</summary>
    Whole,

    /// <summary>The rewards from the action on.</summary>
    ToGo,
}

/// <summary>What REINFORCE subtracts from an action's credit.</summary>
public enum Baseline
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean credit of the batch.</summary>
    Constant,

    /// <summary>V(s), regressed on the rewards to go.</summary>
    Learned,
}

/// <summary>Hyperparameters of REINFORCE. See <see cref="Reinforce"/> for what each does in the algorithm.</summary>
public sealed record ReinforceSettings : RolloutSettings
{
    /// <summary>The steps of REINFORCE's whole episodes: long enough for the usual time limits.</summary>
    public ReinforceSettings() => RolloutSteps = 1000;

    /// <summary>What an action is credited with.</summary>
    public ActionCredit Credit { get; init; } = ActionCredit.ToGo;

    /// <summary>What is subtracted from it.</summary>
    public Baseline Baseline { get; init; } = Baseline.Learned;

    /// <summary>Whether the advantages of a batch are brought to mean 0 and standard deviation 1.</summary>
    public bool NormalizeAdvantages { get; init; }
}
