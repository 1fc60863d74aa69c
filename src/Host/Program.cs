using AkkaRL.Host;

using var interruption = new Interruption();
return await CommandLine.RunAsync(args, CommandContext.OfProcess(interruption.Stop));
