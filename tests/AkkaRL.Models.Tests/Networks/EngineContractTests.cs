using System.Collections.Immutable;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Randomness;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>What every engine owes, checked against <see cref="ReferenceNetwork"/>. Derive one class an engine.</summary>
public abstract class EngineContractTests
{
    /// <summary>The largest error allowed, as a part of the largest value compared.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Every nonlinearity, shared and separate towers, with and without constants, none to three hidden layers.</summary>
    public static TheoryData<string, NetworkSpec> Specs
    {
        get
        {
            var specs = new TheoryData<string, NetworkSpec>();
            ImmutableArray<int>[] depths = [[], [64], [64, 64], [5, 17, 33]];
            foreach (var activation in Enum.GetValues<Activation>())
                foreach (var hidden in depths)
                    foreach (var shared in new[] { true, false })
                        foreach (var constants in new[] { 0, 2 })
                            specs.Add(
                                $"{activation} [{string.Join(", ", hidden)}] {(shared ? "shared" : "separate")} constants {constants}",
                                NetworkSpec.ActorCritic(4, 2, constants, hidden, activation, shared));
            foreach (var inputs in new[] { 1, 3, 16, 17, 39 })
                specs.Add($"{inputs} inputs", NetworkSpec.ActorCritic(inputs, 1, 0, [16, 24], Activation.Tanh, sharedTrunk: true));
            specs.Add("three towers of different depth", new NetworkSpec(6, Activation.ReLU,
            [
                new TowerSpec([31, 65], [new HeadSpec("wide", 19, 1f), new HeadSpec("narrow", 1, 1f)]),
                new TowerSpec([], [new HeadSpec("linear", 3, 1f)]),
                new TowerSpec([128], [new HeadSpec("value", 1, 1f)]),
            ]));
            specs.Add("wide layers", NetworkSpec.ActorCritic(24, 6, 6, [256, 200], Activation.ReLU, sharedTrunk: true));
            return specs;
        }
    }

    /// <summary>A fresh network of the engine under test.</summary>
    protected abstract INetwork Create(NetworkSpec spec, int rowCapacity);

    [Theory]
    [MemberData(nameof(Specs))]
    public void Outputs_and_gradients_equal_the_reference(string name, NetworkSpec spec)
    {
        foreach (var rows in new[] { 1, 2, 7, 20, 67 })
        {
            var trial = new Trial(spec, rows);
            using var network = Create(spec, rows);
            network.Load(trial.Parameters);

            AssertClose(trial.Outputs, network.Forward(trial.Observations), $"{name}: outputs of {rows} rows");

            var (parameterGradients, inputGradients) = Backward(network, trial.OutputGradients);
            AssertClose(trial.ParameterGradients, parameterGradients, $"{name}: parameter gradients of {rows} rows");
            AssertClose(trial.InputGradients, inputGradients, $"{name}: input gradients of {rows} rows");
        }
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Rows_computed_one_at_a_time_equal_a_batch(string name, NetworkSpec spec)
    {
        const int Rows = 20;
        var trial = new Trial(spec, Rows);
        using var network = Create(spec, Rows);
        network.Load(trial.Parameters);

        for (var row = 0; row < Rows; row++)
            AssertClose(trial.Outputs.AsSpan(row * spec.Outputs, spec.Outputs), network.Forward(trial.Observation(row), row), $"{name}: row {row}");

        var (parameterGradients, inputGradients) = Backward(network, trial.OutputGradients);
        AssertClose(trial.ParameterGradients, parameterGradients, name);
        AssertClose(trial.InputGradients, inputGradients, name);
    }

    [Fact]
    public void Rows_computed_in_chunks_in_any_order_equal_a_batch()
    {
        var trial = new Trial(Cartpole, 20);
        using var network = Create(Cartpole, 32);
        network.Load(trial.Parameters);
        network.Forward(trial.Observations.AsSpan(5 * 4), row: 5);
        network.Forward(trial.Observations.AsSpan(0, 5 * 4));
        AssertClose(trial.ParameterGradients, Backward(network, trial.OutputGradients).Parameters, "chunks");
    }

    [Fact]
    public void A_row_computed_again_replaces_what_was_remembered()
    {
        var trial = new Trial(Cartpole, 20);
        var elsewhere = trial.Observations.Select(x => x + 1).ToArray();
        using var network = Create(Cartpole, 20);
        network.Load(trial.Parameters);
        network.Forward(elsewhere);
        network.Forward(trial.Observations);
        network.Forward(elsewhere.AsSpan(7 * 4, 4), row: 7);
        network.Forward(trial.Observation(7), row: 7);
        AssertClose(trial.ParameterGradients, Backward(network, trial.OutputGradients).Parameters, "row computed again");
    }

    [Fact]
    public void Backward_over_fewer_rows_than_were_computed_takes_the_first()
    {
        var trial = new Trial(Cartpole, 20);
        using var network = Create(Cartpole, 32);
        network.Load(trial.Parameters);
        network.Forward([.. trial.Observations, 9, 9, 9, 9, 8, 8, 8, 8]);
        AssertClose(trial.ParameterGradients, Backward(network, trial.OutputGradients).Parameters, "fewer rows");
    }

    [Fact]
    public void Backward_twice_gives_the_same_and_leaves_the_outputs_alone()
    {
        var trial = new Trial(Cartpole, 20);
        using var network = Create(Cartpole, 20);
        network.Load(trial.Parameters);
        var outputs = network.Forward(trial.Observations);
        AssertClose(trial.ParameterGradients, Backward(network, trial.OutputGradients).Parameters, "first");
        AssertClose(trial.ParameterGradients, Backward(network, trial.OutputGradients).Parameters, "second");
        AssertClose(trial.Outputs, outputs, "outputs");
    }

    [Fact]
    public void Outputs_of_a_row_stay_valid_while_other_rows_are_computed()
    {
        var trial = new Trial(Cartpole, 3);
        using var network = Create(Cartpole, 3);
        network.Load(trial.Parameters);
        var first = network.Forward(trial.Observation(0), 0);
        network.Forward(trial.Observation(1), 1);
        network.Forward(trial.Observation(2), 2);
        AssertClose(trial.Outputs.AsSpan(0, Cartpole.Outputs), first, "first row");
    }

    [Fact]
    public void Loading_copies_and_takes_effect_at_the_next_forward()
    {
        var (first, second) = (new Trial(Cartpole, 20, seed: 1), new Trial(Cartpole, 20, seed: 2));
        using var network = Create(Cartpole, 20);
        network.Load(first.Parameters);
        network.Forward(first.Observations);
        var lent = (float[])second.Parameters.Clone();
        network.Load(lent);
        Array.Clear(lent);
        AssertClose(second.Outputs, network.Forward(second.Observations), "outputs");
        AssertClose(second.ParameterGradients, Backward(network, second.OutputGradients).Parameters, "gradients");
    }

    [Fact]
    public void The_network_says_what_it_is()
    {
        using var network = Create(Cartpole, 20);
        Assert.Equal(Cartpole, network.Spec);
        Assert.Equal(4675, network.Layout.Count);
        Assert.Equal(20, network.RowCapacity);
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        using var network = Create(Cartpole, 20);
        Assert.Throws<ArgumentException>(() => network.Load(new float[4674]));
        Assert.Throws<ArgumentException>(() => network.Forward(new float[5]));
        Assert.Throws<ArgumentException>(() => network.Forward(new float[21 * 4]));
        Assert.Throws<ArgumentException>(() => network.Forward(new float[4], row: 20));
        network.Forward(new float[20 * 4]);
        Assert.Throws<ArgumentException>(() => network.Backward(new float[4], new float[4675]));
        Assert.Throws<ArgumentException>(() => network.Backward(new float[21 * 3], new float[4675]));
        Assert.Throws<ArgumentException>(() => network.Backward(new float[3], new float[4674]));
        Assert.Throws<ArgumentException>(() => network.Backward(new float[3], new float[4675], new float[5]));
    }

    private static NetworkSpec Cartpole { get; } = NetworkSpec.ActorCritic(4, 2, 0, [64, 64], Activation.Tanh, sharedTrunk: true);

    /// <summary>Both gradients, into arrays that start poisoned: the network must overwrite every element.</summary>
    private static (float[] Parameters, float[] Inputs) Backward(INetwork network, float[] outputGradients)
    {
        var parameters = new float[network.Layout.Count];
        var inputs = new float[outputGradients.Length / network.Spec.Outputs * network.Spec.Inputs];
        Array.Fill(parameters, float.NaN);
        network.Backward(outputGradients, parameters);
        var alone = (float[])parameters.Clone();
        Array.Fill(parameters, float.NaN);
        Array.Fill(inputs, float.NaN);
        network.Backward(outputGradients, parameters, inputs);
        AssertClose([.. alone.Select(x => (double)x)], parameters, "parameter gradients with and without input gradients");
        return (parameters, inputs);
    }

    private static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = 1.0;
        foreach (var value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * scale, $"{what}: element {i} is {actual[i]}, expected {expected[i]}.");
    }

    /// <summary>A random network, its inputs, and what the reference makes of them.</summary>
    private sealed class Trial
    {
        private readonly int inputs;

        public Trial(NetworkSpec spec, int rows, ulong seed = 7)
        {
            inputs = spec.Inputs;
            var random = new RandomStream(seed);
            Parameters = new float[new ParameterLayout(spec).Count];
            NetworkInitializer.Initialize(spec, random, Parameters);
            foreach (ref var parameter in Parameters.AsSpan())
                parameter += 0.1f * (float)random.NextNormal(); // biases and constants too
            Observations = Normal(rows * spec.Inputs, random);
            OutputGradients = Normal(rows * spec.Outputs, random);
            var reference = new ReferenceNetwork(spec, [.. Parameters.Select(x => (double)x)]);
            Outputs = reference.Forward(Observations);
            (ParameterGradients, InputGradients) = reference.Backward(Observations, OutputGradients);
        }

        public float[] Parameters { get; }
        public float[] Observations { get; }
        public float[] OutputGradients { get; }
        public double[] Outputs { get; }
        public double[] ParameterGradients { get; }
        public double[] InputGradients { get; }

        public ReadOnlySpan<float> Observation(int row) => Observations.AsSpan(row * inputs, inputs);

        private static float[] Normal(int count, RandomStream random) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
