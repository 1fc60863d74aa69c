using AkkaRL.Actors.Wire;
using AkkaRL.Envs;

namespace AkkaRL.Cluster.Tests.Wire;

/// <summary>Bytes from nobody knows where: refused by name, whatever they are, and without more memory than they are themselves.</summary>
public class WireFuzzTests
{
    private const int Cases = 150_000;

    [Fact]
    public void Changed_and_random_bytes_are_read_as_a_message_or_refused_by_name()
    {
        var random = new Pcg64(20_261_125);
        var valid = WireRoundTripTests.Samples.Select(sample => (Manifest: WireFormat.ManifestOf(sample), Bytes: WireFormat.Encode(sample))).ToArray();
        var (read, refused) = (0, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Cases; i++)
        {
            var (manifest, bytes) = valid[random.NextInteger(valid.Length)];
            var changed = Change(bytes, random.NextInteger(4), random);
            if (random.NextInteger(10) == 0)
                manifest = valid[random.NextInteger(valid.Length)].Manifest;
            try
            {
                WireFormat.Decode(manifest, changed);
                read++;
            }
            catch (WireFormatException)
            {
                refused++;
            }
        }
        Assert.Equal(Cases, read + refused);
        Assert.True(refused > Cases / 2);
        // Of a few hundred bytes each; one that believed a length would allocate gigabytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Cases * 20_000L);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 255, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 0, 64 })]
    public void Lengths_that_the_bytes_do_not_bear_out_are_refused(byte[] bytes) =>
        Assert.Throws<WireFormatException>(() => WireFormat.Decode("parameters", bytes));

    [Fact]
    public void A_kind_that_nobody_knows_is_refused() =>
        Assert.Throws<WireFormatException>(() => WireFormat.Decode("System.Diagnostics.Process, System", []));

    private static byte[] Change(byte[] bytes, int how, Pcg64 random)
    {
        var changed = bytes.ToArray();
        switch (how)
        {
            case 0:
                changed = new byte[random.NextInteger(64)];
                for (var i = 0; i < changed.Length; i++)
                    changed[i] = (byte)random.NextInteger(256);
                break;
            case 1 when changed.Length > 0:
                changed = changed[..random.NextInteger(changed.Length)];
                break;
            case 2:
                changed = [.. changed, .. new byte[1 + random.NextInteger(8)]];
                break;
            default:
                for (var flips = 1 + random.NextInteger(4); flips > 0 && changed.Length > 0; flips--)
                    changed[random.NextInteger(changed.Length)] ^= (byte)(1 << random.NextInteger(8));
                break;
        }
        return changed;
    }
}
