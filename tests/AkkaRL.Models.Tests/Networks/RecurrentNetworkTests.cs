using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Fused;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace AkkaRL.Models.Tests.Networks;

/// <summary>Networks with a memory, against <see cref="NaiveNetwork"/>.</summary>
public class RecurrentNetworkTests
{
    private const int Inputs = 3;

    public static TheoryData<bool, bool, int[]> Cases
    {
        get
        {
            var cases = new TheoryData<bool, bool, int[]>();
            foreach (var shared in new[] { true, false })
                foreach (var hidden in new[] { true, false })
                    foreach (int[] lengths in new int[][] { [1], [6], [5, 5, 5], [1, 1, 1], [4, 7, 1, 7] })
                        cases.Add(shared, hidden, lengths);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sequences_are_differentiated_through_time_and_not_across_the_ends_of_episodes(bool shared, bool hidden, int[] lengths)
    {
        var spec = Spec(shared, hidden);
        var trial = new Trial(spec, lengths);
        using var network = new TorchNetwork(spec, trial.Rows + 2);
        network.Load(trial.Parameters);

        var outputs = network.Forward(trial.Observations, trial.Sequences).ToArray();
        var gradient = new float[network.Layout.Count];
        var inputGradient = new float[trial.Observations.Length];
        network.Backward(trial.OutputGradients, gradient, inputGradient);

        var expected = trial.Differentiate();
        AssertClose(expected.Outputs, outputs);
        AssertClose(expected.Parameters, gradient);
        AssertClose(expected.Inputs, inputGradient);
    }

    [Fact]
    public void What_comes_before_an_episode_makes_no_difference_to_it()
    {
        var spec = Spec(shared: true, hidden: true);
        var trial = new Trial(spec, [6]);
        trial.Begins.AsSpan().Clear();
        trial.Begins[3] = true;
        trial.OutputGradients.AsSpan(0, 3 * spec.Outputs).Clear(); // the loss is of the second episode alone
        using var network = new TorchNetwork(spec, 6);
        network.Load(trial.Parameters);
        network.Forward(trial.Observations, trial.Sequences);
        var inputGradient = new float[trial.Observations.Length];
        network.Backward(trial.OutputGradients, new float[network.Layout.Count], inputGradient);

        Assert.All(inputGradient[..(3 * Inputs)], value => Assert.Equal(0, value));
        Assert.All(inputGradient[(3 * Inputs)..], value => Assert.NotEqual(0, value));
    }

    [Fact]
    public void Steps_made_one_at_a_time_are_those_of_the_sequence()
    {
        var spec = Spec(shared: false, hidden: true);
        var trial = new Trial(spec, [5, 5, 5]);
        using var network = new TorchNetwork(spec, trial.Rows);
        network.Load(trial.Parameters);
        var whole = network.Forward(trial.Observations, trial.Sequences).ToArray();

        var states = trial.InitialStates.ToArray();
        for (var step = 0; step < 5; step++)
        {
            var observations = new float[3 * Inputs];
            for (var sequence = 0; sequence < 3; sequence++)
            {
                var row = sequence * 5 + step;
                trial.Observations.AsSpan(row * Inputs, Inputs).CopyTo(observations.AsSpan(sequence * Inputs));
                if (trial.Begins[row])
                    states.AsSpan(sequence * spec.StateSize, spec.StateSize).Clear();
            }
            var outputs = network.Forward(observations, states, row: step);
            for (var sequence = 0; sequence < 3; sequence++)
                AssertClose(
                    whole.AsSpan((sequence * 5 + step) * spec.Outputs, spec.Outputs).ToArray().Select(x => (double)x).ToArray(),
                    outputs.Slice(sequence * spec.Outputs, spec.Outputs).ToArray());
        }
    }

    [Fact]
    public void The_flat_layout_names_every_parameter_once_and_an_initial_network_has_open_forget_gates()
    {
        var spec = Spec(shared: false, hidden: true);
        var layout = new ParameterLayout(spec);
        var end = 0;
        foreach (var (name, shape, offset) in layout.Tensors)
        {
            Assert.Equal(end, offset);
            end += shape.Aggregate((a, b) => a * b);
            Assert.NotEmpty(name);
        }
        Assert.Equal(layout.Count, end);
        var cell = layout.Towers[0][1];
        Assert.Equal((5 + 4, 16), (cell.Inputs, cell.Outputs));

        var parameters = new float[layout.Count];
        NetworkInitializer.Initialize(spec, new RandomStream(1), parameters);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], parameters[cell.BiasOffset..cell.End]);
        // The weights on h: orthonormal rows, four by sixteen.
        for (var a = 0; a < 4; a++)
            for (var b = 0; b < 4; b++)
                Assert.Equal(a == b ? 1 : 0, Enumerable.Range(0, 16).Sum(column => Weight(a, column) * Weight(b, column)), 1e-5);

        double Weight(int unit, int column) => parameters[cell.WeightOffset + (5 + unit) * 16 + column];
    }

    [Fact]
    public void A_normalisation_folds_into_a_memory_that_reads_the_observation()
    {
        var spec = Spec(shared: true, hidden: false);
        var trial = new Trial(spec, [4]);
        double[] mean = [4, -1, 0], scale = [2, 0.5, 10];
        var normalized = trial.Observations.Select((x, i) => (float)((x - mean[i % Inputs]) * scale[i % Inputs])).ToArray();
        using var network = new TorchNetwork(spec, 4);
        network.Load(trial.Parameters);
        var expected = network.Forward(normalized, trial.Sequences).ToArray().Select(x => (double)x).ToArray();
        InputScaling.Fold(network.Layout, mean, scale, trial.Parameters);
        network.Load(trial.Parameters);
        AssertClose(expected, network.Forward(trial.Observations, trial.Sequences).ToArray(), 1e-4);
    }

    [Fact]
    public void Rows_without_states_and_gradients_of_other_rows_are_refused()
    {
        var spec = Spec(shared: true, hidden: true);
        var trial = new Trial(spec, [4]);
        using var network = new TorchNetwork(spec, 4);
        network.Load(trial.Parameters);
        Assert.Throws<InvalidOperationException>(() => network.Forward(trial.Observations));
        Assert.Throws<ArgumentException>(() => network.Forward(trial.Observations, new float[3]));
        Assert.Throws<ArgumentException>(() => network.Forward(trial.Observations, new Sequences([3], trial.InitialStates, trial.Begins)));
        network.Forward(trial.Observations, new float[4 * spec.StateSize]);
        Assert.Throws<InvalidOperationException>(() => network.Backward(trial.OutputGradients, new float[network.Layout.Count]));
        Assert.Throws<ArgumentException>(() => new FusedNetwork(spec, 4));
    }

    [Fact]
    public void A_thousand_sequences_leave_no_tensor_behind()
    {
        var spec = Spec(shared: false, hidden: true);
        var trial = new Trial(spec, [4, 2]);
        using var network = new TorchNetwork(spec, trial.Rows);
        network.Load(trial.Parameters);
        var (gradient, states) = (new float[network.Layout.Count], new float[spec.StateSize]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 1000; i++)
        {
            network.Forward(trial.Observations.AsSpan(0, Inputs), states, row: i % 5);
            network.Forward(trial.Observations, trial.Sequences);
            network.Backward(trial.OutputGradients, gradient);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static NetworkSpec Spec(bool shared, bool hidden) =>
        NetworkSpec.ActorCritic(Inputs, 2, 1, hidden ? [5] : [], Activation.Tanh, shared)
            .With(new NetworkSettings { Recurrent = RecurrentKind.LSTM, RecurrentUnits = 4 }, [Inputs]);

    private static void AssertClose(double[] expected, float[] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"element {i} is {actual[i]}, expected {expected[i]}");
    }

    /// <summary>A random network and random sequences, in which episodes end here and there.</summary>
    private sealed class Trial
    {
        private readonly NetworkSpec spec;
        private readonly int[] lengths;

        public Trial(NetworkSpec spec, int[] lengths)
        {
            (this.spec, this.lengths) = (spec, lengths);
            Rows = lengths.Sum();
            var random = new RandomStream(11);
            Parameters = Normal(new ParameterLayout(spec).Count);
            Observations = Normal(Rows * spec.Inputs);
            OutputGradients = Normal(Rows * spec.Outputs);
            InitialStates = Normal(lengths.Length * spec.StateSize);
            Begins = [.. Enumerable.Range(0, Rows).Select(row => row % 3 == 2)];

            float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
        }

        public int Rows { get; }
        public float[] Parameters { get; }
        public float[] Observations { get; }
        public float[] OutputGradients { get; }
        public float[] InitialStates { get; }
        public bool[] Begins { get; }
        public Sequences Sequences => new(lengths, InitialStates, Begins);

        public (double[] Outputs, double[] Parameters, double[] Inputs) Differentiate()
        {
            using var scope = NewDisposeScope();
            var theta = Double(Parameters).requires_grad_();
            var observations = Double(Observations).view(Rows, spec.Inputs).requires_grad_();
            var outputs = new NaiveNetwork(spec, theta).Run(observations, lengths, Double(InitialStates).view(lengths.Length, -1), Begins);
            (outputs * Double(OutputGradients).view(Rows, -1)).sum().backward();
            return (Values(outputs.detach()), Values(theta.grad!), Values(observations.grad!));
        }

        private static Tensor Double(float[] values) => tensor(values).to(float64);

        private static double[] Values(Tensor tensor) => tensor.contiguous().data<double>().ToArray();
    }
}
