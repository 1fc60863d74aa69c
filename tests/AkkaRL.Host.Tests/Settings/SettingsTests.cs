using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Host.Settings;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Optimizers;

namespace AkkaRL.Host.Tests.Settings;

public sealed class SettingsTests
{
    private static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>();

    public static TheoryData<string> EveryKey => [.. SettingKeys.Walk(new RunSettings()).Select(setting => setting.Key)];

    [Fact]
    public void Reference_conf_has_every_key_and_no_other() =>
        Assert.Equal(
            SettingKeys.Walk(new RunSettings()).Select(setting => setting.Key).Order(),
            HoconFolder.Load(HoconFolder.Reference).Select(setting => setting.Key).Order());

    [Fact]
    public void Reference_conf_says_the_defaults_of_the_records() =>
        Assert.Equal(new RunSettings(), SettingsLayers.Load([], NoVariables, []));

    [Fact]
    public void Every_key_of_reference_conf_has_a_comment()
    {
        var lines = File.ReadAllLines(HoconFolder.Reference);
        for (var i = 1; i < lines.Length; i++)
            if (lines[i].Contains(" = ", StringComparison.Ordinal) && !lines[i].Contains('#', StringComparison.Ordinal))
                Assert.True(lines[i - 1].TrimStart().StartsWith('#'), $"line {i + 1}: {lines[i]}");
    }

    [Theory]
    [MemberData(nameof(EveryKey))]
    public void Every_key_reaches_its_property(string key)
    {
        var property = SettingKeys.Walk(new RunSettings()).Single(setting => setting.Key == key).Property;
        var (written, expected) = Another(property);

        var settings = Read((key, written));

        var (_, owner, read) = SettingKeys.Walk(settings).Single(setting => setting.Key == key);
        Assert.Equal(expected, read.GetValue(owner));
    }

    [Theory]
    [InlineData("full", GradientPrecision.Full)]
    [InlineData("half", GradientPrecision.Half)]
    [InlineData("eight-bit", GradientPrecision.EightBit)]
    public void A_precision_of_changes_is_written_as_it_is_read(string text, GradientPrecision precision)
    {
        Assert.Equal(precision, Read(("akkarl.cluster.link.gradient-precision", new SettingValue([text], false, "a test"))).Cluster.Link.GradientPrecision);
        Assert.Equal(text, SettingText.Write(precision));
    }

    [Fact]
    public void Settings_written_are_read_back_equal()
    {
        var settings = new RunSettings
        {
            Algorithm = "a \"quoted\" \\ name", EnvironmentAssembly = "C:\\my envs\\x.dll", Seed = ulong.MaxValue, TotalSteps = long.MaxValue,
            Deterministic = true, Engine = EngineKind.Torch, Device = "cuda:1",
            Network = new NetworkSettings { Hidden = [7], Activation = Activation.SiLU, SharedTrunk = false, Convolution = ConvolutionKind.Nature, Recurrent = RecurrentKind.LSTM, RecurrentUnits = 9 },
            Optimizer = new OptimizerSettings { Kind = OptimizerKind.SGD, Epsilon = 1e-30, Decay = 1 / 3.0 },
            A3C = new A3CSettings { Gamma = 0.1 + 0.2, MaximumGradientNorm = 1e9 },
            AsyncSarsa = new AsynchronousQSettings { FinalEpsilons = [1 / 3.0, 1e-30], FinalEpsilonProbabilities = [0.1 + 0.2, 0.7] },
            Faults = new FaultSettings { StallTimeout = TimeSpan.FromTicks(12345), BackOffMinimum = TimeSpan.FromMilliseconds(1.5), BackOffMaximum = TimeSpan.FromDays(1) },
        };

        var text = SettingsWriter.Write(settings);

        Assert.Equal(settings, SettingsReader.Read(HoconText.Parse(text, "effective.conf").ToDictionary()));
        Assert.Equal(settings.Device, Akka.Configuration.ConfigurationFactory.ParseString(text).GetString("akkarl.device"));
    }

    [Fact]
    public void An_empty_list_is_read_back_empty()
    {
        var settings = new RunSettings { Network = new NetworkSettings { Hidden = [] } };

        Assert.Equal(settings, SettingsReader.Read(HoconText.Parse(SettingsWriter.Write(settings), "effective.conf").ToDictionary()));
    }

    [Theory]
    [InlineData("akkarl.a3c.gama", "0.9", "Did you mean akkarl.a3c.gamma?")]
    [InlineData("akkarl.wrokers", "2", "Did you mean akkarl.workers?")]
    [InlineData("akkarl.a3c", "2", "akkarl.a3c (a test) is a section, not a value")]
    [InlineData("workers", "2", "all of them are inside akkarl { }. Did you mean akkarl.workers?")]
    [InlineData("akkarl.workers.count", "2", "is not a setting")]
    [InlineData("akkarl.workers", "two", "akkarl.workers is \"two\" (a test); it must be a whole number")]
    [InlineData("akkarl.workers", "2.5", "it must be a whole number")]
    [InlineData("akkarl.workers", "99999999999", "it must be a whole number up to 2147483647")]
    [InlineData("akkarl.seed", "-1", "from 0 to 18446744073709551615")]
    [InlineData("akkarl.a3c.gamma", "high", "it must be a number")]
    [InlineData("akkarl.deterministic", "maybe", "it must be on or off")]
    [InlineData("akkarl.network.activation", "tan", "it must be one of tanh, relu, elu, silu")]
    [InlineData("akkarl.network.activation", "0", "it must be one of tanh, relu, elu, silu")]
    [InlineData("akkarl.cluster.link.gradient-precision", "quarter", "akkarl.cluster.link.gradient-precision is \"quarter\" (a test); it must be one of full, half, eight-bit.")]
    [InlineData("akkarl.cluster.link.gradient-precision", "2", "it must be one of full, half, eight-bit")]
    [InlineData("akkarl.network.hidden", "64", "it must be a list of whole numbers")]
    [InlineData("akkarl.async-sarsa.final-epsilons", "0.1", "it must be a list of numbers, such as [0.1, 0.01]")]
    [InlineData("akkarl.faults.stall-timeout", "30 parsecs", "it must be a duration")]
    public void A_value_that_cannot_be_read_names_its_key_and_what_is_allowed(string key, string value, string because) =>
        Assert.Contains(because, Assert.Throws<BadInputException>(() => Read((key, new SettingValue([value], false, "a test")))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("akkarl.a3c.gamma", "1.5", "akkarl.a3c.gamma is 1.5; it must be between 0 and 1 (the default is 0.99).")]
    [InlineData("akkarl.a3c.gamma", "NaN", "akkarl.a3c.gamma is NaN; it must be between 0 and 1")]
    [InlineData("akkarl.a3c.learning-rate", "0", "akkarl.a3c.learning-rate is 0; it must be above 0 and at most 10")]
    [InlineData("akkarl.workers", "0", "akkarl.workers is 0; it must be between 1 and 1024")]
    [InlineData("akkarl.total-steps", "-1", "akkarl.total-steps is -1; it must be at least 1")]
    [InlineData("akkarl.optimizer.decay", "1", "akkarl.optimizer.decay is 1; it must be at least 0 and below 1")]
    [InlineData("akkarl.algorithm", "a3", "Did you mean a3c?")]
    [InlineData("akkarl.faults.stall-timeout", "0", "akkarl.faults.stall-timeout is 0 ms; it must be above 0")]
    [InlineData("akkarl.faults.back-off-maximum", "1 ms", "is below akkarl.faults.back-off-minimum")]
    [InlineData("akkarl.a3c.final-learning-rate", "1", "the rate only falls")]
    [InlineData("akkarl.ppo.gae-lambda", "2", "akkarl.ppo.gae-lambda is 2; it must be between 0 and 1 (the default is 0.95).")]
    [InlineData("akkarl.ppo.clip-range", "0.1", "akkarl.ppo.final-clip-range is 0.2, above akkarl.ppo.clip-range, 0.1; the range only falls")]
    [InlineData("akkarl.a2c.final-learning-rate", "1", "akkarl.a2c.final-learning-rate is 1, above akkarl.a2c.learning-rate, 0.001")]
    public void A_value_out_of_range_names_its_key_and_the_range(string key, string value, string because) =>
        Assert.Contains(because, Assert.Throws<InvalidSettingsException>(() => SettingsLayers.Load([], NoVariables, [new(key, new SettingValue([value], false, "a test"))])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("final-epsilons", new[] { "0.1", "2" }, "akkarl.async-sarsa.final-epsilons is [0.1, 2]; it must list one or more probabilities between 0 and 1")]
    [InlineData("final-epsilons", new string[0], "akkarl.async-sarsa.final-epsilons is []; it must list one or more")]
    [InlineData("final-epsilon-probabilities", new[] { "0.5", "0.5" }, "akkarl.async-sarsa.final-epsilon-probabilities is [0.5, 0.5]; it must list a number between 0 and 1 for each of akkarl.async-sarsa.final-epsilons, 3 in all")]
    [InlineData("final-epsilon-probabilities", new[] { "0.5", "0.5", "0.5" }, "that add up to 1")]
    [InlineData("final-epsilon-probabilities", new[] { "1.5", "0", "-0.5" }, "a number between 0 and 1 for each")]
    public void Lists_of_epsilons_must_fit(string key, string[] values, string because) =>
        Assert.Contains(because, Assert.Throws<InvalidSettingsException>(() => SettingsLayers.Load([], NoVariables, [new($"akkarl.async-sarsa.{key}", new SettingValue([.. values], true, "a test"))])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("ppo", "minibatch-size", "300", "akkarl.ppo.minibatch-size is 300, more than a batch: akkarl.workers · akkarl.ppo.envs-per-worker · akkarl.ppo.rollout-steps = 256 env steps.")]
    [InlineData("ppo-kl", "minibatch-size", "257", "akkarl.ppo-kl.minibatch-size is 257, more than a batch")]
    [InlineData("reinforce", "rollout-steps", "1000000", "akkarl.reinforce.rollout-steps = 8000000 env steps")]
    public void Batches_and_minibatches_must_fit(string algorithm, string key, string value, string because)
    {
        KeyValuePair<string, SettingValue>[] options =
            [new("akkarl.algorithm", new SettingValue([algorithm], false, "a test")), new($"akkarl.{algorithm}.{key}", new SettingValue([value], false, "a test"))];

        Assert.Contains(because, Assert.Throws<InvalidSettingsException>(() => SettingsLayers.Load([], NoVariables, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_named() =>
        Assert.StartsWith("akkarl.algorithm has no value", Assert.Throws<BadInputException>(() => SettingsReader.Read(new Dictionary<string, SettingValue>())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("30 s", 30_000)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5 seconds", 1_500)]
    [InlineData("250", 250)]
    [InlineData("250 millis", 250)]
    [InlineData("2 m", 120_000)]
    [InlineData("1500 us", 1.5)]
    public void Durations_are_written_as_in_HOCON(string written, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), SettingText.Read(typeof(TimeSpan), new SettingValue([written], false, "")));

    [Theory]
    [InlineData("RolloutSteps", "rollout-steps")]
    [InlineData("A3C", "a3c")]
    [InlineData("GaeLambda", "gae-lambda")]
    [InlineData("Beta1", "beta1")]
    [InlineData("PPOClip", "ppo-clip")]
    [InlineData("BackOffMinimum", "back-off-minimum")]
    public void Keys_are_properties_in_kebab_case(string property, string key) => Assert.Equal(key, SettingKeys.Of(property));

    [Fact]
    public void Later_layers_win()
    {
        using var akkarl = new Akkarl();
        var overlay = akkarl.Write("overlay.conf", "akkarl { workers = 10, seed = 10, total-steps = 10, a3c.rollout-steps = 10 }");
        var experiment = akkarl.Write("experiment.conf", "akkarl { seed = 20, total-steps = 20, a3c.rollout-steps = 20 }");
        var variables = new Dictionary<string, string> { ["AKKARL__TOTAL_STEPS"] = "30", ["AKKARL__A3C__ROLLOUT_STEPS"] = "30", ["PATH"] = "x" };

        var settings = SettingsLayers.Load([overlay, experiment], variables, [SettingsLayers.FromAssignment("a3c.rollout-steps = 40")]);

        Assert.Equal((10, 20UL, 30L, 40), (settings.Workers, settings.Seed, settings.TotalSteps, settings.A3C.RolloutSteps));
    }

    /// <summary>A value that the property does not have by default, and how it is written.</summary>
    private static (SettingValue Written, object Value) Another(PropertyInfo property)
    {
        var type = property.PropertyType;
        var least = property.GetCustomAttribute<RangeAttribute>()?.Minimum;
        object value = type == typeof(bool) ? !(bool)property.GetValue(Activator.CreateInstance(property.ReflectedType!))!
            : type == typeof(string) ? "another"
            : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(7)
            : type == typeof(ImmutableArray<int>) ? ImmutableArray.Create(3, 4)
            : type == typeof(ImmutableArray<double>) ? ImmutableArray.Create(0.25, 1e-7)
            : type == typeof(ImmutableArray<string>) ? ImmutableArray.Create("one", "10.0.0.1:4053")
            : type.IsEnum ? Enum.GetValues(type).GetValue(1)!
            : type == typeof(double) ? Convert.ToDouble(least, null) + 0.125
            : Convert.ChangeType(7, type, null);
        return (HoconText.ParseValue(property.Name, SettingText.Write(value), "a test").Value, value);
    }

    private static RunSettings Read((string Key, SettingValue Value) changed)
    {
        var values = HoconFolder.Load(HoconFolder.Reference).ToDictionary();
        values[changed.Key] = changed.Value;
        return SettingsReader.Read(values);
    }
}
