using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using AkkaRL.Actors.Cluster;
using AkkaRL.Envs;

namespace AkkaRL.Benchmarks;

/// <summary>Nodes of a cluster on loopback for benchmarks: the learner's in this process, worker nodes in processes of their own.</summary>
internal static class ClusterNode
{
    /// <summary>The command of a worker process: <c>cluster-worker PORT NAME WORKERS</c>.</summary>
    public const string WorkerCommand = "cluster-worker";

    /// <summary>A member of the cluster, or its first.</summary>
    public static ActorSystem Start(string extra, string role, int? seed)
    {
        var system = ActorSystem.Create("akkarl", ConfigurationFactory.ParseString(
            $$"""
            {{extra}}
            akka {
              actor.provider = cluster
              loglevel = WARNING
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
              cluster { roles = [{{role}}], failure-detector.acceptable-heartbeat-pause = 20s, singleton-proxy.singleton-identification-interval = 200ms }
            }
            """).WithFallback(ClusterRun.ActorSystemConfig(null)));
        var cluster = Akka.Cluster.Cluster.Get(system);
        cluster.Join(seed is { } port ? Address.Parse($"akka.tcp://akkarl@127.0.0.1:{port}") : cluster.SelfAddress);
        return system;
    }

    /// <summary>Starts a worker process for the learner on this system; what it has sent and taken is the last line of its output, for <see cref="TrafficOfAsync"/>.</summary>
    public static Process StartWorker(ActorSystem learner, string name, int workers)
    {
        var port = Akka.Cluster.Cluster.Get(learner).SelfAddress.Port!.Value;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(ClusterNode).Assembly.Location);
        foreach (var argument in (string[])[WorkerCommand, port.ToString(CultureInfo.InvariantCulture), name, workers.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Waits for a worker process's end; returns what it has sent and taken.</summary>
    public static async Task<NodeTraffic> TrafficOfAsync(Process worker)
    {
        var figures = (await worker.StandardOutput.ReadToEndAsync()).TrimEnd().Split('\n')[^1].Split(' ');
        await worker.WaitForExitAsync();
        return figures.Length == 3 && worker.ExitCode == 0
            ? new(long.Parse(figures[0], CultureInfo.InvariantCulture), long.Parse(figures[1], CultureInfo.InvariantCulture), long.Parse(figures[2], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"A worker process ended with code {worker.ExitCode} and said \"{string.Join(' ', figures)}\".");
    }

    /// <summary>A worker process: works until the run is over.</summary>
    public static async Task WorkAsync(int port, string name, int workers)
    {
        var (system, figures) = (Start("", ClusterRun.WorkerRole, port), new NodeFigures());
        await ClusterRun.StartWorkerAsync(
            system, new NodeSettings { Name = name, Workers = workers },
            settings => EnvCatalog.BuiltIn.Find(settings.Environment), new LinkSettings { NodeTimeout = TimeSpan.FromSeconds(20) }, figures: figures);
        await system.Terminate();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figures.Messages} {figures.BytesSent} {figures.BytesTaken}"));
    }
}
