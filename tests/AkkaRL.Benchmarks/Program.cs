// dotnet run -c Release --project tests/AkkaRL.Benchmarks                                 every benchmark, a few minutes
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- --filter *WorkerLoop*        some of them
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- --filter * --warmupCount 10 --iterationCount 30 --invocationCount 16
//                                                                                         other options of BenchmarkDotNet
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- throughput [names]           env-steps/s of whole training runs, some minutes
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- plain a2c ppo dqn            whether the plain loops beside them learn, a minute or two
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- snapshots                    what snapshots cost, a minute; needs src/Host built
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- start                        process start to first env step, half a minute; needs src/Host built
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- gradient-variance            the noise of REINFORCE's gradient, a minute
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- wire                         large vectors between two nodes, a minute
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- cluster                      runs with worker processes, some minutes; one part: combined, waiting, learning, precision
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- scaling                      the model of docs/scaling.md beside runs, two minutes
using System.Globalization;
using AkkaRL.Benchmarks;
using BenchmarkDotNet.Running;

TorchSharp.torch.set_num_threads(1);
if (args is ["throughput", .. var measured])
{
    if (measured is [] || measured.Contains("a3c"))
        await Throughput.PrintAsync(Console.Out);
    await PlainThroughput.PrintAsync(Contests(measured), Console.Out);
}
else if (args is ["plain", .. var checks])
    return await PlainThroughput.CheckAsync(Contests(checks), Console.Out) ? 0 : 1;
else if (args is ["snapshots", ..])
    await Snapshots.PrintAsync(Console.Out);
else if (args is ["start"])
    await StartUp.PrintAsync(Console.Out);
else if (args is ["gradient-variance"])
    await GradientVariance.PrintAsync(Console.Out);
else if (args is ["wire"])
    await WireSpeed.PrintAsync(Console.Out);
else if (args is ["scaling"])
    await Scaling.PrintAsync(Console.Out);
else if (args is ["cluster", ..])
    await ClusterSpeed.PrintAsync(Console.Out, args[1..]);
else if (args is [ClusterNode.WorkerCommand, var port, var name, var workers])
    await ClusterNode.WorkAsync(int.Parse(port, CultureInfo.InvariantCulture), name, int.Parse(workers, CultureInfo.InvariantCulture));
else
    BenchmarkSwitcher.FromAssembly(typeof(Throughput).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, new BriefConfig());
return 0;

static IEnumerable<Contest> Contests(string[] names) => Contest.All.Where(contest => names.Length == 0 || names.Contains(contest.Name));
