namespace AkkaRL.Envs.Tests;

/// <summary>What a Capture method wrote, ready to be read back.</summary>
internal static class Captured
{
    public static BinaryReader By(Action<BinaryWriter> capture)
    {
        var stream = new MemoryStream();
        capture(new BinaryWriter(stream));
        stream.Position = 0;
        return new BinaryReader(stream);
    }
}
