// dotnet run -c Release --project tests/AkkaRL.Benchmarks                                 every benchmark, a few minutes
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- --filter *WorkerLoop*        some of them
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- --filter * --warmupCount 10 --iterationCount 30 --invocationCount 16
//                                                                                         other options of BenchmarkDotNet
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- throughput                   env-steps/s of whole training runs, a minute
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- snapshots                    what snapshots cost, a minute; needs src/Host built
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- start                        process start to first env step, half a minute; needs src/Host built
// dotnet run -c Release --project tests/AkkaRL.Benchmarks -- gradient-variance            the noise of REINFORCE's gradient, a minute
using AkkaRL.Benchmarks;
using BenchmarkDotNet.Running;

TorchSharp.torch.set_num_threads(1);
if (args is ["throughput", ..])
    await Throughput.PrintAsync(Console.Out);
else if (args is ["snapshots", ..])
    await Snapshots.PrintAsync(Console.Out);
else if (args is ["start"])
    await StartUp.PrintAsync(Console.Out);
else if (args is ["gradient-variance"])
    await GradientVariance.PrintAsync(Console.Out);
else
    BenchmarkSwitcher.FromAssembly(typeof(Throughput).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, new BriefConfig());
