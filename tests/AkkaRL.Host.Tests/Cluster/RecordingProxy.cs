using System.Net;
using System.Net.Sockets;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>Stands between a client and a node, and keeps what the client said.</summary>
internal sealed class RecordingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly MemoryStream said = new();
    private readonly int nodePort;

    public RecordingProxy(int nodePort)
    {
        this.nodePort = nodePort;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = ServeAsync();
    }

    public int Port { get; }

    /// <summary>The whole frames that the client sent, each with its length before it.</summary>
    public List<byte[]> Frames()
    {
        lock (said)
        {
            var (bytes, frames) = (said.ToArray(), new List<byte[]>());
            for (var at = 0; at + 4 <= bytes.Length;)
            {
                var length = 4 + BitConverter.ToInt32(bytes, at);
                if (at + length > bytes.Length)
                    break;
                frames.Add(bytes[at..(at + length)]);
                at += length;
            }
            return frames;
        }
    }

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            using var client = await listener.AcceptTcpClientAsync();
            using var node = new TcpClient();
            await node.ConnectAsync(IPAddress.Loopback, nodePort);
            await Task.WhenAny(CopyAsync(client.GetStream(), node.GetStream(), said), CopyAsync(node.GetStream(), client.GetStream(), null));
        }
        catch (Exception gone) when (gone is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, MemoryStream? record)
    {
        var buffer = new byte[65536];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            if (record is not null)
                lock (record)
                    record.Write(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
