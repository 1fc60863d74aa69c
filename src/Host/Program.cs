using AkkaRL.Host;

using var interruption = new Interruption();
var context = CommandContext.OfProcess(interruption.Stop);
// What an env of the user's own writes to the console must not get among the results.
Console.SetOut(Console.Error);
return await CommandLine.RunAsync(args, context);
