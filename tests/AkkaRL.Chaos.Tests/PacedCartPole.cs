using System.IO.MemoryMappedFiles;
using AkkaRL.Envs;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Chaos.Tests;

/// <summary>
/// CartPole for the nodes of the chaos runs: a step takes a millisecond until the file <see cref="Finish"/> is there, so that no run is over before its
/// fault has been played, however fast the machine. Counts its steps in a file of its own, which outlives a process that is killed.
/// </summary>
[EnvId(Id, Summary = "CartPole that takes its time", MaximumEpisodeSteps = 500)]
public sealed class PacedCartPole : EnvWrapper
{
    /// <summary>What settings call it.</summary>
    public const string Id = "PacedCartPole-v0";

    /// <summary>Variable of the folder where it looks and writes.</summary>
    public const string Folder = "AKKARL_CHAOS_FOLDER";

    /// <summary>The file that ends its pauses.</summary>
    public const string Finish = "finish";

    /// <summary>What its files of counts end with.</summary>
    public const string CountSuffix = ".steps";

    private const int StepsBetweenLooks = 32;

    private static int made;

    private readonly ManualResetEventSlim pause = new(initialState: false);
    private readonly MemoryMappedViewAccessor count;
    private readonly string finish;
    private long steps;

    /// <summary>Made by the env's catalog.</summary>
    public PacedCartPole()
        : base(EnvCatalog.BuiltIn.Find("CartPole-v1").Create())
    {
        var folder = Environment.GetEnvironmentVariable(Folder) ?? throw new InvalidOperationException($"{Folder} is not set.");
        finish = Path.Combine(folder, Finish);
        var path = Path.Combine(folder, $"{Environment.ProcessId}-{Interlocked.Increment(ref made)}{CountSuffix}");
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.CreateNew, null, sizeof(long));
        count = file.CreateViewAccessor();
    }

    /// <summary>Steps that a folder's envs have made, of all processes (<c>*</c>) or of one (<c>id-*</c>).</summary>
    public static long CountSteps(string folder, string envs) => Directory.EnumerateFiles(folder, $"{envs}{CountSuffix}").Sum(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(stream);
        return stream.Length < sizeof(long) ? 0 : reader.ReadInt64(); // else it is being made
    });

    /// <inheritdoc/>
    public override StepResult Step(ReadOnlySpan<float> action, Span<float> observation)
    {
        if (steps % StepsBetweenLooks == 0 && File.Exists(finish))
            pause.Set();
        pause.Wait(1);
        count.Write(0, ++steps);
        return base.Step(action, observation);
    }
}
