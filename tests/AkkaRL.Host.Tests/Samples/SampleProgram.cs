using System.Reflection;

namespace AkkaRL.Host.Tests.Samples;

/// <summary>Runs a sample as its user does.</summary>
internal static class SampleProgram
{
    /// <summary>What the program of this assembly prints.</summary>
    public static async Task<string> RunAsync(Assembly sample, params string[] arguments)
    {
        using var output = new StringWriter();
        var console = Console.Out;
        Console.SetOut(output);
        try
        {
            // The entry point of a program with top-level statements is synchronous: it waits for its task.
            await Task.Run(() => sample.EntryPoint!.Invoke(null, [arguments]));
        }
        finally
        {
            Console.SetOut(console);
        }
        return output.ToString();
    }
}
