using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using AkkaRL.Host.Reports;

namespace AkkaRL.Host.Tests.Reports;

public sealed class SafetensorsTests
{
    private static readonly float[] Values = [1, -2.5f, 3e-20f, float.MaxValue, 5, 6, 7];

    [Fact]
    public void What_is_written_is_read_back()
    {
        var (values, metadata) = Safetensors.Read(Write());

        Assert.Equal(Values, values);
        Assert.Equal("CartPole-v1", metadata["environment"]);
    }

    [Fact]
    public void The_file_is_as_the_format_says()
    {
        var file = Write();

        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var header = JsonDocument.Parse(Encoding.UTF8.GetString(file, 8, length));
        Assert.Equal(0, length % 8);
        var bias = header.RootElement.GetProperty("bias");
        Assert.Equal("F32", bias.GetProperty("dtype").GetString());
        Assert.Equal("[1]", bias.GetProperty("shape").GetRawText());
        Assert.Equal("[24,28]", bias.GetProperty("data_offsets").GetRawText());
        Assert.Equal(7f, BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(8 + length + 24)));
        Assert.Equal(8 + length + 28, file.Length);
    }

    [Fact]
    public void Damage_is_noticed_wherever_it_is()
    {
        var file = Write();

        Assert.Throws<InvalidDataException>(() => Safetensors.Read(file.AsSpan(0, 5)));
        Assert.Throws<InvalidDataException>(() => Safetensors.Read(file.AsSpan(0, 40)));
        Assert.Throws<InvalidDataException>(() => Safetensors.Read(file.AsSpan(0, file.Length - 4)));
        Assert.Throws<InvalidDataException>(() => Safetensors.Read("this is a text and no policy at all"u8));
        file[^2] ^= 1;
        Assert.Throws<InvalidDataException>(() => Safetensors.Read(file));
    }

    private static byte[] Write()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, Values, [("weight", [2, 3], 0), ("bias", [1], 6)], new Dictionary<string, string> { ["environment"] = "CartPole-v1" });
        return stream.ToArray();
    }
}
