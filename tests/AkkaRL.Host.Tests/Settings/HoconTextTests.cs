using AkkaRL.Host.Settings;

namespace AkkaRL.Host.Tests.Settings;

public sealed class HoconTextTests
{
    [Theory]
    [InlineData("akkarl {\n  workers = 1\n", 1, "never closed")]
    [InlineData("akkarl {\n  a3c {\n    gamma = 0.9\n}\n", 1, "'{' of akkarl is never closed")]
    [InlineData("akkarl {\n  workers =\n}\n", 2, "akkarl.workers has no value")]
    [InlineData("akkarl {\n  workers = # two\n}\n", 2, "akkarl.workers has no value")]
    [InlineData("akkarl {\n  workers\n}\n", 2, "not followed by '='")]
    [InlineData("akkarl {\n  workers 2\n  seed = 1\n}\n", 2, "akkarl.workers is not followed by '='")]
    [InlineData("akkarl {\n  workers = 1\n}\n}\n", 4, "closes nothing")]
    [InlineData("{ akkarl.workers = 1 }\nx = 1", 2, "after the end")]
    [InlineData("akkarl {\n  = 0.9\n}", 2, "a key is expected")]
    [InlineData("akkarl {\n  network.hidden = [64, 64\n}", 2, "'[' of akkarl.network.hidden is never closed")]
    [InlineData("akkarl {\n  network.hidden = 64]\n}", 2, "']' comes after the value")]
    [InlineData("akkarl {\n  device = \"cpu\n}", 2, "quoted text is never closed")]
    [InlineData("akkarl {\n  device = cuda:1\n}", 2, "unless it is quoted")]
    [InlineData("akkarl {\n  device = ${HOME}\n}", 2, "substitutions")]
    [InlineData("akkarl {\n  workers = ${?akkarl.workers}\n}", 2, "substitutions")]
    [InlineData("\ninclude \"other.conf\"\n", 2, "--overlay")]
    [InlineData("akkarl { workers = 1 seed = 2 }", 1, "'=' is not allowed")]
    [InlineData("akkarl { network { hidden = [[1], [2]] } }", 1, "numbers and words only")]
    [InlineData("akkarl { device = \"\\q\" }", 1, "'\\q' is no escape")]
    [InlineData("@@@", 1, "'@' stands where a key is expected")]
    public void A_broken_file_is_refused_with_its_name_and_line(string text, int line, string because)
    {
        var error = Assert.Throws<BadInputException>(() => HoconText.Parse(text, "mine.conf"));

        Assert.StartsWith($"mine.conf, line {line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_dots_comments_lists_and_quotes_are_read()
    {
        var read = HoconText.Parse("\uFEFF# head\nakkarl { a3c { gamma = 0.9 } // tail\n a3c.rollout-steps : 20, device=\"cuda:1\"\n network { hidden = [64, # wide\n 32\n] } wait = 30 s\n}\n", "mine.conf");

        Assert.Equal(
            ["akkarl.a3c.gamma=\"0.9\" 2", "akkarl.a3c.rollout-steps=\"20\" 3", "akkarl.device=\"cuda:1\" 3", "akkarl.network.hidden=[64, 32] 4", "akkarl.wait=\"30 s\" 6"],
            read.Select(setting => $"{setting.Key}={setting.Value.Written} {setting.Value.Origin.Split(' ')[^1]}"));
    }

    [Fact]
    public void Sections_nested_without_end_are_refused() =>
        Assert.Throws<BadInputException>(() => HoconText.Parse(string.Concat(Enumerable.Repeat("a{", 100_000)), "mine.conf"));

    [Theory]
    [InlineData("reference.conf")]
    [InlineData("experiments/cartpole.conf")]
    [InlineData("experiments/acrobot.conf")]
    [InlineData("experiments/pendulum.conf")]
    public void Akka_reads_our_files_alike(string file)
    {
        var text = File.ReadAllText(Path.Combine(HoconFolder.Root, file));
        var akka = Akka.Configuration.ConfigurationFactory.ParseString(text);

        foreach (var (key, value) in HoconText.Parse(text, file))
            Assert.Equal(value.Texts, value.IsList ? akka.GetStringList(key) : [akka.GetString(key)]);
    }
}
