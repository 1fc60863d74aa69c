using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>The files of deploy/: the exact commands in them are understood, down to the certificates that are not there.</summary>
public sealed class DeploymentTests
{
    private const string ConfigPath = "/etc/akkarl/cluster.conf";

    private static readonly string Root = FindRoot();

    public static TheoryData<string> Containers => [.. Documents().Where(document => document.Children.ContainsKey("spec") && Text(document, "kind") != "Service").Select(document => Text(document, "metadata", "name"))];

    [Fact]
    public void The_manifests_are_those_that_the_documents_name() =>
        Assert.Equal(
            ["ConfigMap/akkarl", "Service/akkarl", "StatefulSet/akkarl-learner", "StatefulSet/akkarl-witness", "Deployment/akkarl-worker"],
            Documents().Select(document => $"{Text(document, "kind")}/{Text(document, "metadata", "name")}"));

    [Theory]
    [MemberData(nameof(Containers))]
    public async Task A_containers_command_and_variables_are_understood(string name)
    {
        var workload = Documents().Single(document => Text(document, "metadata", "name") == name && document.Children.ContainsKey("spec") && Text(document, "kind") != "Service");
        var container = (YamlMappingNode)((YamlSequenceNode)At(workload, "spec", "template", "spec", "containers")).Single();
        using var akkarl = new Akkarl();
        var settings = akkarl.Write("cluster.conf", Text(Documents().First(), "data", "cluster.conf"));
        foreach (var variable in ((YamlSequenceNode)At(container, "env")).Cast<YamlMappingNode>())
            akkarl.Variables[Text(variable, "name")] = variable.Children.ContainsKey("value") ? Text(variable, "value").Replace("$(POD_NAME)", $"{name}-0", StringComparison.Ordinal).Replace("$(POD_IP)", "10.1.2.3", StringComparison.Ordinal) : "Host=postgres";

        var exitCode = await akkarl.RunAsync(string.Join(' ', ((YamlSequenceNode)At(container, "args")).Select(argument => ((YamlScalarNode)argument).Value!.Replace(ConfigPath, settings, StringComparison.Ordinal))));

        Assert.Equal("akkarl.cluster.tls.certificate names /etc/akkarl/tls/tls.crt, where there is no file. Correct the path.\n", akkarl.Error);
        Assert.Equal(ExitCodes.BadInput, exitCode);
    }

    [Fact]
    public async Task The_units_command_is_understood()
    {
        var command = File.ReadLines(Path.Combine(Root, "deploy/systemd/akkarl-node.service")).Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=/opt/akkarl/akkarl ".Length..];
        using var akkarl = new Akkarl();
        var settings = akkarl.Write("node.conf", "akkarl.cluster { host = \"0.0.0.0\", advertised-host = node-1, tls { certificate = none.crt, key = none.key, authority = none.pem } }");
        akkarl.Variables["AKKARL_SEED_NODES"] = "first.example:4053,second.example:4053";

        await akkarl.RunAsync(command.Replace("/etc/akkarl/node.conf", settings, StringComparison.Ordinal));

        Assert.StartsWith("akkarl.cluster.tls.certificate names", akkarl.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_unit_is_one_that_systemd_accepts()
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
            return;
        using var akkarl = new Akkarl();
        var unit = akkarl.Write("akkarl-node.service", File.ReadAllText(Path.Combine(Root, "deploy/systemd/akkarl-node.service"))
            .Replace("/opt/akkarl/akkarl", Path.Combine(AppContext.BaseDirectory, "akkarl"), StringComparison.Ordinal));
        using var process = Process.Start(new ProcessStartInfo("systemd-analyze", $"verify {unit}") { RedirectStandardError = true })!;

        Assert.Equal("", await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static List<YamlMappingNode> Documents()
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Root, "deploy/kubernetes/akkarl.yaml"));
        stream.Load(reader);
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    private static YamlNode At(YamlNode node, params string[] path) => path.Aggregate(node, (at, key) => ((YamlMappingNode)at).Children[key]);

    private static string Text(YamlNode node, params string[] path) => ((YamlScalarNode)At(node, path)).Value!;

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AkkaRL.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("These tests run inside the repository.");
        return folder;
    }
}
