using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.State;

namespace AkkaRL.Models.Algorithms;

/// <summary>How a worker of DDPG and TD3 acts: a = tanh μ(s) with noise; evenly over the action space before learning starts.</summary>
/// <param name="network">A local copy of μ; owned from now on.</param>
/// <param name="noise">The noise.</param>
/// <param name="learningStarts">Global step of the first update.</param>
public sealed class DeterministicBehaviour(INetwork network, ExplorationNoise noise, long learningStarts) : IBehaviour
{
    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters) => network.Load(parameters);

    /// <inheritdoc/>
    public void Act(ReadOnlySpan<float> observation, long step, RandomStream random, Span<float> action, ReadOnlySpan<bool> allowed = default)
    {
        if (step < learningStarts)
        {
            foreach (ref var component in action)
                component = (float)(2 * random.NextDouble() - 1);
            return;
        }
        var row = network.Forward(observation);
        for (var i = 0; i < action.Length; i++)
            action[i] = MathF.Tanh(row[i]);
        noise.Disturb(action, random);
    }

    /// <inheritdoc/>
    public void BeginEpisode() => noise.Restart();

    /// <inheritdoc/>
    public void Visit(IStateVisitor state) => noise.Visit(state);

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();
}
