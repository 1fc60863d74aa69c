namespace AkkaRL.Models.Networks;

/// <summary>Makes the network of a run in place of the layers that its settings describe. For any thread.</summary>
/// <remarks>
/// The algorithm says what goes in and comes out (<see cref="NetworkSpec.Inputs"/>, <see cref="NetworkSpec.Outputs"/>, of which the last
/// <see cref="NetworkSpec.Constants"/> do not depend on the observation); its towers are not read.
/// </remarks>
public interface INetworkFactory
{
    /// <summary>Where its parameters live in the flat vector.</summary>
    /// <exception cref="ArgumentException">The network does not serve these inputs and outputs; the message says why.</exception>
    ParameterLayout LayoutOf(NetworkSpec spec);

    /// <summary>Draws the parameters that a run starts with [P]; the same for the same seed.</summary>
    float[] InitialParameters(NetworkSpec spec, ulong seed);

    /// <summary>A network that remembers so many rows.</summary>
    /// <param name="spec">What goes in and comes out.</param>
    /// <param name="rowCapacity">The most rows that can be remembered at once.</param>
    /// <param name="device"><c>akkarl.device</c>.</param>
    INetwork Make(NetworkSpec spec, int rowCapacity, string device);
}
