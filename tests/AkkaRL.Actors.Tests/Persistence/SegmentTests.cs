using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;
using AkkaRL.Models.Randomness;
using AkkaRL.Models.Replay;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>A replay too large for a snapshot lies in segment files, of which only what has changed is written anew.</summary>
public sealed class SegmentTests : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("akkarl-segments-").FullName;
    private readonly SegmentFolder folder;

    public SegmentTests() => folder = new SegmentFolder(path, segmentSize: 8);

    public void Dispose() => Directory.Delete(path, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_ring_captured_at_any_moments_comes_back_as_it_was(ulong seed)
    {
        var random = new RandomStream(seed);
        var replay = new UniformReplay(50, 3, 2);
        for (var capture = 0; capture < 30; capture++)
        {
            Add(replay, random, random.NextInteger(40));
            var state = Capture(replay);
            Store(state);

            var other = new UniformReplay(50, 3, 2);
            other.Visit(new RunStateVisitor(state, isRestoring: true));

            Assert.Equal(Everything(replay), Everything(other));
        }
    }

    [Fact]
    public void Only_segments_that_have_changed_are_copied()
    {
        var (replay, random) = (new UniformReplay(50, 3, 2), new RandomStream(1));
        Add(replay, random, 70);
        var first = Capture(replay);
        Assert.All(Segments(first), segment => Assert.NotNull(segment.Content));
        Store(first);
        Assert.All(Segments(Capture(replay)), segment => Assert.Null(segment.Content));

        Add(replay, random, 1);

        // One row of each of the five vectors; rows of three floats may lie across two segments of eight.
        Assert.InRange(Segments(Capture(replay)).Count(segment => segment.Content is not null), 5, 7);
    }

    [Fact]
    public void What_no_file_holds_yet_is_read_from_memory()
    {
        var replay = new UniformReplay(50, 3, 2);
        Add(replay, new RandomStream(1), 20);
        var other = new UniformReplay(50, 3, 2);
        other.Visit(new RunStateVisitor(Capture(replay), isRestoring: true));
        Assert.Equal(Everything(replay), Everything(other));
    }

    [Fact]
    public void A_segment_that_is_damaged_cut_off_or_gone_is_named()
    {
        var replay = new UniformReplay(50, 3, 2);
        Add(replay, new RandomStream(1), 20);
        var state = Capture(replay);
        Store(state);
        state.VerifySegments();
        var file = Directory.GetFiles(path).Order(StringComparer.Ordinal).First();
        var bytes = File.ReadAllBytes(file);

        bytes[5] ^= 4;
        Refuses("does not match");
        bytes = bytes[..^1];
        Refuses("cut off");
        File.Delete(file);
        Assert.Contains("cannot be read", Assert.Throws<InvalidSnapshotException>(state.VerifySegments).Message, StringComparison.Ordinal);

        void Refuses(string because)
        {
            File.WriteAllBytes(file, bytes);
            var error = Assert.Throws<InvalidSnapshotException>(state.VerifySegments);
            Assert.Contains(because, error.Message, StringComparison.Ordinal);
            Assert.Contains(file, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Segments_of_snapshots_that_are_gone_are_deleted()
    {
        var (replay, random) = (new UniformReplay(50, 3, 2), new RandomStream(1));
        Add(replay, random, 20);
        Store(Capture(replay));
        Add(replay, random, 50);
        var state = Capture(replay);
        Store(state);

        folder.Retain(Segments(state).Select(segment => segment.Name).ToHashSet());

        Assert.Equal(Segments(state).Count(), Directory.GetFiles(path).Length);
        state.VerifySegments();
    }

    [Fact]
    public async Task A_run_whose_newest_segment_is_damaged_goes_on_from_the_snapshot_before()
    {
        using var run = new KeptRun();
        var settings = KeptRun.Settings with
        {
            Algorithm = "dqn",
            TotalSteps = 1_500,
            DQN = new DQNSettings { BatchSize = 8, LearningStarts = 100, TrainInterval = 4 },
            Snapshots = KeptRun.Settings.Snapshots with { ReplayLimit = 0 },
        };
        var whole = await run.StartAsync(settings);
        var snapshots = SnapshotArchive.Read(run.Database);
        Assert.Equal(2, snapshots.Count);
        var newest = new DirectoryInfo(run.PathOf(SnapshotDatabase.ReplayFolder)).GetFiles("replay.rewards-*").MaxBy(file => Written(file.Name))!;
        File.WriteAllBytes(newest.FullName, new byte[newest.Length]);

        var resumed = await run.StartAsync(settings, resume: true);

        Assert.Equal((whole.ParametersSha256, snapshots[0].Info!.GlobalStep), (resumed.ParametersSha256, resumed.Snapshots.ResumedAtStep));
        Assert.Contains(newest.Name, run.Events.OfType<RunResumed>().Single().Refused.Single(), StringComparison.Ordinal);

        static long Written(string name) => long.Parse(name.Split('-', '.')[^2], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Add(UniformReplay replay, RandomStream random, int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            var row = new TransitionBatch(1, 3, 2) { Count = 1 };
            foreach (var part in (float[][])[row.Observations, row.Actions, row.Rewards, row.NextObservations, row.Discounts])
                foreach (ref var value in part.AsSpan())
                    value = (float)random.NextDouble();
            replay.Add(row);
        }
    }

    private RunState Capture(UniformReplay replay)
    {
        var state = new RunState { Segments = folder, Incarnation = 1 };
        replay.Visit(new RunStateVisitor(state, isRestoring: false));
        return state;
    }

    private void Store(RunState state)
    {
        foreach (var vector in state.SegmentedVectors)
            vector.Write(folder);
    }

    private static IEnumerable<SegmentedVector.Segment> Segments(RunState state) => state.SegmentedVectors.SelectMany(vector => vector.Segments);

    private static List<float> Everything(UniformReplay replay)
    {
        var (all, row) = (new List<float> { replay.Count, replay.Head }, new Minibatch(1, 3, 2, 1));
        for (var index = 0; index < replay.Count; index++)
        {
            replay.Read(index, row, 0);
            all.AddRange([.. row.Observations, .. row.Actions, .. row.Rewards, .. row.NextObservations, .. row.Discounts]);
        }
        return all;
    }
}
