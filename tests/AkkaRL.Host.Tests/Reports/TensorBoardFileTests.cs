using System.Buffers.Binary;
using System.Text;
using AkkaRL.Host.Reports;
using Google.Protobuf;

namespace AkkaRL.Host.Tests.Reports;

public sealed class TensorBoardFileTests
{
    /// <summary>The check value of CRC-32C (RFC 3720, B.4: 32 bytes of zeros give 8a9136aa), masked.</summary>
    [Fact]
    public void The_checksum_is_a_masked_CRC32C() =>
        Assert.Equal(unchecked((0x8a9136aau >> 15 | 0x8a9136aau << 17) + 0xa282ead8u), TensorBoardFile.MaskedChecksum(new byte[32]));

    [Fact]
    public void Another_protobuf_reader_finds_every_scalar()
    {
        using var akkarl = new Akkarl();
        using (var file = new TensorBoardFile(akkarl.Folder, TimeProvider.System))
        {
            file.Write(1000, ("train/mean_return", 21.5), ("loss/policy", double.NaN), ("loss/value", 3));
            file.Write(long.MaxValue, ("eval/mean_return", -1));
            file.Write(7, ("loss/policy", double.NaN));
        }

        var events = Records(File.ReadAllBytes(Directory.GetFiles(akkarl.Folder).Single())).Select(ReadEvent).ToArray();

        Assert.Equal(["brain.Event:2", "1000 train/mean_return=21.5 loss/value=3", "9223372036854775807 eval/mean_return=-1"], events);
    }

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(TensorBoardFile.MaskedChecksum(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var content = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(TensorBoardFile.MaskedChecksum(content), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return content;
            at += 16 + length;
        }
    }

    private static string ReadEvent(byte[] content)
    {
        var (input, text) = (new CodedInputStream(content), "");
        while (input.ReadTag() is var tag and not 0)
            switch (tag >> 3)
            {
                case 1:
                    Assert.InRange(input.ReadDouble(), 1.6e9, 1e11);
                    break;
                case 2 when input.ReadInt64() is var step and not 0:
                    text += step;
                    break;
                case 3:
                    text += input.ReadString();
                    break;
                case 5:
                    text += ReadSummary(input.ReadBytes());
                    break;
            }
        return text;
    }

    private static string ReadSummary(ByteString summary)
    {
        var (input, text) = (summary.CreateCodedInput(), new StringBuilder());
        while (input.ReadTag() == (1 << 3 | 2))
        {
            var value = input.ReadBytes().CreateCodedInput();
            value.ReadTag();
            text.Append(' ').Append(value.ReadString()).Append('=');
            value.ReadTag();
            text.Append(value.ReadFloat());
        }
        return text.ToString();
    }
}
