using AkkaRL.Envs;
using AkkaRL.Models.Distributions;

namespace AkkaRL.Actors.Training;

/// <summary>Refuses envs whose spaces an algorithm does not serve, by the names that a user knows them by, with those that do.</summary>
internal static class SpaceValidation
{
    /// <summary>Logits of a policy: they live on the stack.</summary>
    private const int MaximumLogits = 16_384;

    /// <summary>The refusal of an action space of a kind that an algorithm does not serve.</summary>
    /// <param name="algorithm">Its name.</param>
    /// <param name="what">What it does instead.</param>
    /// <param name="actions">What it is asked to choose.</param>
    public static InvalidSettingsException Refusal(string algorithm, string what, Space actions)
    {
        var others = AlgorithmCatalog.All.Where(entry => entry.ActionSpaces.Contains(actions.GetType().Name)).Select(entry => entry.Name);
        return new InvalidSettingsException(
            $"akkarl.algorithm is \"{algorithm}\", which {what}, but the env has actions of {actions}. Set akkarl.algorithm to one of {string.Join(", ", others)}, or take another env.");
    }

    /// <summary>What must hold of an env's mask.</summary>
    /// <exception cref="InvalidSettingsException">It masks actions that are no choices.</exception>
    public static void RequireFittingMask(string env, IEnv sample)
    {
        if (sample.HasActionMask && sample.ActionSpace is Box)
            throw new InvalidSettingsException(
                $"{env} says that it has an action mask, but its actions are {sample.ActionSpace}, of which none can be masked. Let HasActionMask be false, or make the actions Discrete or MultiDiscrete.");
    }

    /// <summary>What must hold of the choices of a policy that is a distribution.</summary>
    /// <exception cref="InvalidSettingsException">There are too few or too many.</exception>
    public static void RequireFittingPolicy(RunSettings settings, Space actions)
    {
        var fits = actions switch
        {
            Discrete discrete => discrete.Count is >= 1 and <= Categorical.MaximumActions,
            MultiDiscrete several => several.Size > 0 && several.Counts.All(count => count is >= 1 and <= Categorical.MaximumActions) && several.MaskSize <= MaximumLogits,
            _ => true,
        };
        if (!fits)
            throw new InvalidSettingsException(
                $"{settings.Environment} has actions of {actions}, of which akkarl.algorithm, {settings.Algorithm}, cannot make a policy: a choice has 1 to {Categorical.MaximumActions} values, and all choices together at most {MaximumLogits}. Split or coarsen the env's actions.");
    }
}
