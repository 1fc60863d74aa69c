using AkkaRL.Actors.Asynchronous;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Actors.Wire;
using AkkaRL.Envs;
using AkkaRL.Models.Optimizers;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Cluster.Tests.Wire;

/// <summary>Bytes from nobody knows where: refused by name, whatever they are, and without more memory than they account for.</summary>
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

    [Theory]
    [InlineData(GradientPrecision.Full, 1)] // its bytes are too many
    [InlineData(GradientPrecision.Full, 2)]
    [InlineData(GradientPrecision.EightBit, 0)] // its bytes are too few
    [InlineData(GradientPrecision.EightBit, 3)] // there is no such precision
    [InlineData(GradientPrecision.EightBit, 255)]
    public void A_precision_that_the_bytes_do_not_bear_out_is_refused(GradientPrecision written, byte said)
    {
        var bytes = WireFormat.Encode(Made(new float[300], written));
        bytes[5] = said;
        Assert.Throws<WireFormatException>(() => WireFormat.Decode("updates", bytes));
    }

    [Fact]
    public void Only_what_a_node_has_changed_may_be_rounded()
    {
        // Two floats, or four halves: the lengths fit.
        var bytes = WireFormat.Encode(new ParametersMoved(new float[2]));
        (bytes[5], bytes[6]) = ((byte)GradientPrecision.Half, 4);
        Assert.Throws<WireFormatException>(() => WireFormat.Decode("parameters", bytes));
    }

    [Theory]
    [InlineData(GradientPrecision.Full, float.NaN)]
    [InlineData(GradientPrecision.Half, float.NaN)]
    [InlineData(GradientPrecision.Half, float.PositiveInfinity)]
    [InlineData(GradientPrecision.EightBit, float.NaN)]
    [InlineData(GradientPrecision.EightBit, float.NegativeInfinity)]
    public void A_change_that_is_not_finite_is_refused_by_the_learner_at_any_precision(GradientPrecision precision, float bad)
    {
        var vector = new float[300];
        vector[299] = bad;
        var made = Assert.IsType<UpdatesMade>(WireFormat.Decode("updates", WireFormat.Encode(Made(vector, precision))));
        var learner = new GlobalParameters(new float[300], new SgdMomentum(300, 0), LearningRateSchedule.Constant(1), new RunSettings());
        var loan = new GradientLoan(0, 0, Akka.Actor.ActorRefs.Nobody, 300) { Updates = made.Updates };
        made.Change.CopyTo(loan.Vector);
        Assert.Equal(FaultKind.NonFiniteGradient, learner.Apply(loan));
    }

    private static UpdatesMade Made(float[] change, GradientPrecision precision) => new(0, 0, 1, 0, 5, new(1, 1, 1, 1), [], change, Array.Empty<float>(), precision);

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
