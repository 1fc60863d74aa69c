using AkkaRL.Models.Distributions;

namespace AkkaRL.Models.Networks;

/// <summary>Where policy and value lie in an actor-critic's output row: policy head, value, policy constants (see <see cref="NetworkSpec.ActorCritic"/>).</summary>
public sealed class ActorCriticOutputs
{
    private readonly int headSize;
    private readonly int constantSize;

    /// <summary>The columns of this network for this distribution.</summary>
    /// <exception cref="ArgumentException">The network has other outputs than the distribution and one value need.</exception>
    public ActorCriticOutputs(NetworkSpec spec, PolicyDistribution policy)
    {
        (headSize, constantSize) = (policy.HeadSize, policy.ConstantSize);
        if (spec.Outputs != headSize + 1 + constantSize || spec.Constants != constantSize)
            throw new ArgumentException(
                $"The policy needs {headSize} head columns, 1 value column and {constantSize} constants; the network has {spec.Outputs} columns, {spec.Constants} of them constants.");
    }

    /// <summary>Columns of the policy, head and constants.</summary>
    public int PolicySize => headSize + constantSize;

    /// <summary>The value column of an output row [H].</summary>
    public float Value(ReadOnlySpan<float> row) => row[headSize];

    /// <summary>The value column of a gradient row [H], to write.</summary>
    public ref float Value(Span<float> row) => ref row[headSize];

    /// <summary>Copies the policy's columns of an output row [H], head then constants.</summary>
    public void GatherPolicy(ReadOnlySpan<float> row, Span<float> policy)
    {
        FewFloats.Copy(row[..headSize], policy);
        FewFloats.Copy(row[(headSize + 1)..], policy[headSize..]);
    }

    /// <summary>The same of a row that is learned from: actions that a mask did not allow when it was recorded are not allowed now.</summary>
    /// <param name="row">An output row [H].</param>
    /// <param name="recorded">The policy's columns as the policy that acted had them.</param>
    /// <param name="policy">Receives the policy's columns.</param>
    public void GatherPolicy(ReadOnlySpan<float> row, ReadOnlySpan<float> recorded, Span<float> policy)
    {
        GatherPolicy(row, policy);
        ActionMask.Repeat(recorded, policy);
    }

    /// <summary>Copies a gradient with respect to the policy's columns to where they lie in a gradient row [H].</summary>
    public void ScatterPolicy(ReadOnlySpan<float> policy, Span<float> row)
    {
        FewFloats.Copy(policy[..headSize], row);
        FewFloats.Copy(policy[headSize..], row[(headSize + 1)..]);
    }
}
