using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Torch;
using TorchSharp;

namespace AkkaRL.Models.Tests.Networks;

public class TorchNetworkTests : EngineContractTests
{
    protected override INetwork Create(NetworkSpec spec, int rowCapacity) => new TorchNetwork(spec, rowCapacity);

    [Fact]
    public void Two_thousand_gradients_leave_no_tensor_behind()
    {
        var spec = NetworkSpec.ActorCritic(4, 2, 1, [64, 64], Activation.Tanh, sharedTrunk: true);
        using var network = new TorchNetwork(spec, 5);
        var (observations, outputGradients, gradients) = (new float[5 * 4], new float[5 * spec.Outputs], new float[network.Layout.Count]);
        var before = Live();
        for (var i = 0; i < 2000; i++)
        {
            network.Forward(observations.AsSpan(0, 4), row: i % 5);
            if (i % 2 == 0)
                network.Forward(observations);
            network.Backward(outputGradients, gradients);
        }
        Assert.Equal(before, Live());
    }

    [Fact]
    public void A_disposed_network_leaves_no_tensor_behind()
    {
        var spec = NetworkSpec.ActorCritic(4, 2, 1, [8], Activation.Tanh, sharedTrunk: false);
        var before = Live();
        for (var i = 0; i < 10; i++)
        {
            using var network = new TorchNetwork(spec, 5);
            network.Forward(new float[5 * 4]);
        }
        Assert.Equal(before, Live());
    }

    // Counted a thread, so tests that run beside this one do not disturb it.
    private static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
