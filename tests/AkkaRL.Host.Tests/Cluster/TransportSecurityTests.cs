using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Protocol;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>Real handshakes: who has no certificate of the authority gets no answer, and no seat.</summary>
public sealed class TransportSecurityTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-tls-").FullName;
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private readonly TestAuthority ours, foreign;

    public TransportSecurityTests() => (ours, foreign) = (new TestAuthority(folder, "ours", now), new TestAuthority(folder, "foreign", now));

    public void Dispose()
    {
        ours.Dispose();
        foreign.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Nodes_of_one_authority_join_and_answer_each_other()
    {
        await using var cluster = new TestCluster();
        var first = TestCluster.Settings(ours.Sign("first"));
        await cluster.StartAsync(first, Load(first));
        var second = TestCluster.Settings(ours.Sign("second"));

        var node = await cluster.StartAsync(second, Load(second), seed: first);

        Assert.True(cluster.IsUp(node));
        Assert.IsType<Admission.ClusterDescribed>(await GateQuestion.AskAsync(second, Load(second), first.Host, first.Port, new Admission.RequestStatus(), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_node_of_another_authority_gets_no_answer()
    {
        await using var cluster = new TestCluster();
        var first = TestCluster.Settings(ours.Sign("first"));
        await cluster.StartAsync(first, Load(first));
        var stranger = TestCluster.Settings(foreign.Sign("stranger"));

        Assert.Null(await AskAsVisitor(stranger, Load(stranger), first));
    }

    /// <summary>It believes our authority, so that it would go on: it is our node that hangs up.</summary>
    [Fact]
    public async Task A_node_whose_own_certificate_is_of_another_authority_is_turned_away_by_ours()
    {
        await using var cluster = new TestCluster();
        var first = TestCluster.Settings(ours.Sign("first"));
        await cluster.StartAsync(first, Load(first));
        var (trusted, shown) = (ours.Sign("trusted"), foreign.Sign("stranger"));

        using var ownKey = X509Certificate2.CreateFromPemFile(trusted.Certificate, trusted.Key);
        using var foreignKey = X509Certificate2.CreateFromPemFile(shown.Certificate, shown.Key);

        Assert.True(await IsLetIn(first, ownKey));
        Assert.False(await IsLetIn(first, foreignKey));
        Assert.False(await IsLetIn(first, null));
    }

    [Fact]
    public async Task A_node_without_certificates_gets_no_answer_from_one_with()
    {
        await using var cluster = new TestCluster();
        var first = TestCluster.Settings(ours.Sign("first"));
        await cluster.StartAsync(first, Load(first));

        Assert.Null(await AskAsVisitor(TestCluster.Settings(), null, first));
        Assert.Null(await AskAsVisitor(TestCluster.Settings(), null, first with { Tls = new() }));
    }

    private NodeCertificates Load(ClusterSettings settings) => NodeCertificates.Load(settings.Tls, folder, now);

    private static Task<Admission.IMessage?> AskAsVisitor(ClusterSettings visitor, NodeCertificates? certificates, ClusterSettings node) =>
        GateQuestion.AskAsync(visitor, certificates, node.Host, node.Port, new Admission.RequestStatus(), Patience);

    /// <summary>Whether the node keeps a connection whose other end shows this certificate: it hangs up after the handshake if not.</summary>
    private static async Task<bool> IsLetIn(ClusterSettings node, X509Certificate2? certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(node.Host, node.Port);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            });
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            return await stream.ReadAsync(new byte[1], limit.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            // It waits for us to speak.
            return true;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }
}
