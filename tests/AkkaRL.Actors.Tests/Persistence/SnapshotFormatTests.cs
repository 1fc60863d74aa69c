using AkkaRL.Actors.Persistence;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Persistence;

/// <summary>Snapshots as bytes: what is written is read, and what is not as it was written is refused.</summary>
public class SnapshotFormatTests
{
    private static readonly SnapshotInfo Info = new()
    {
        Algorithm = "a3c",
        Environment = "CartPole-v1",
        Seed = ulong.MaxValue,
        GlobalStep = 123_456,
        Updates = 7_890,
        WallSeconds = 12.5,
        Incarnation = 3,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123),
        IsExact = true,
        Rows = 42,
        Rollbacks = 1,
        Faults = new FaultCounts(1, 2, 3, 4, 5, 6, 7, 8, 9),
    };

    [Fact]
    public void What_is_written_is_read()
    {
        var (info, state) = SnapshotFormat.Decode(SnapshotFormat.Encode(Info, State()));
        AssertIsAsWritten(info, state);
    }

    [Fact]
    public void Format_1_is_read_for_ever()
    {
        var (info, state) = SnapshotFormat.Decode(File.ReadAllBytes(Path.Combine(Repository.Root, "tests/AkkaRL.Actors.Tests/Persistence/snapshot-format-1.bin")));
        AssertIsAsWritten(info, state);
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var bytes = SnapshotFormat.Encode(Info, State());
        for (var i = 0; i < bytes.Length; i++)
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[i] ^= (byte)(1 << bit);
                Assert.Throws<InvalidSnapshotException>(() => SnapshotFormat.Decode(bytes));
                bytes[i] ^= (byte)(1 << bit);
            }
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        var bytes = SnapshotFormat.Encode(Info, State());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidSnapshotException>(() => SnapshotFormat.Decode(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void A_newer_format_is_refused_by_its_number()
    {
        var bytes = SnapshotFormat.Encode(Info, State());
        bytes[8] = 2;
        var error = Assert.Throws<InvalidSnapshotException>(() => SnapshotFormat.Decode(bytes));
        Assert.StartsWith("it is of format 2; this version reads formats 1 to 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vector_of_another_length_is_refused()
    {
        var error = Assert.Throws<InvalidSnapshotException>(() => State().Read("parameters", new float[4]));
        Assert.Contains("\"parameters\" has 3 elements where this run has 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Capturing_again_into_the_same_state_allocates_no_vector()
    {
        var (state, vector) = (new RunState(), new float[100_000]);
        state.Write("parameters", vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        state.Clear();
        state.Write("parameters", vector);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }

    private static RunState State()
    {
        var state = new RunState();
        state.Write("version", long.MinValue);
        state.Write("parameters", [1.5f, float.MinValue, float.Epsilon]);
        state.Write("mean", double.NaN);
        state.Write("worker-0.state", new byte[] { 1, 2, 3 });
        state.Write("gradient", [float.NaN]);
        return state;
    }

    private static void AssertIsAsWritten(SnapshotInfo info, RunState state)
    {
        Assert.Equal(Info, info);
        Assert.Equal(long.MinValue, state.Whole("version"));
        Assert.Equal([1.5f, float.MinValue, float.Epsilon], state.Vector("parameters"));
        Assert.True(double.IsNaN(state.Real("mean")));
        Assert.Equal([1, 2, 3], state.Data("worker-0.state").ToArray());
        Assert.True(float.IsNaN(state.Vector("gradient")[0]));
        Assert.False(state.Has("nothing"));
    }
}
