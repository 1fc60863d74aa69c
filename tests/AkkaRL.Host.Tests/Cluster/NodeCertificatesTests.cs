using AkkaRL.Actors.Cluster;
using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Tests.Cluster;

public sealed class NodeCertificatesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akkarl-certificates-").FullName;
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private readonly TestAuthority authority;

    public NodeCertificatesTests() => authority = new TestAuthority(folder, "authority", now);

    public void Dispose()
    {
        authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_certificate_of_the_authority_is_accepted_and_no_other()
    {
        using var foreign = new TestAuthority(folder, "foreign", now);
        var certificates = NodeCertificates.Load(authority.Sign("node"), folder, now);

        Assert.True(certificates.Accept(NodeCertificates.Load(authority.Sign("peer"), folder, now).Own));
        Assert.False(certificates.Accept(NodeCertificates.Load(foreign.Sign("stranger"), folder, now).Own));
        Assert.False(certificates.Accept(null));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Refuses(authority.Sign("node") with { Key = "missing.key" }, $"akkarl.cluster.tls.key names {Path.Combine(folder, "missing.key")}, where there is no file");

    [Fact]
    public void An_expired_certificate_is_refused() => Refuses(authority.Sign("old", -20, -10), "expired at");

    [Fact]
    public void A_certificate_of_the_future_is_refused() => Refuses(authority.Sign("new", 10, 20), "is not valid before");

    [Fact]
    public void A_key_of_another_certificate_is_refused() =>
        Refuses(authority.Sign("one") with { Key = authority.Sign("two").Key }, "do not make a pair");

    [Fact]
    public void A_certificate_of_another_authority_is_refused()
    {
        using var foreign = new TestAuthority(folder, "foreign", now);

        Refuses(authority.Sign("node") with { Authority = foreign.AuthorityFile }, "is not one of the authority");
    }

    [Fact]
    public void A_file_that_is_no_certificate_is_refused()
    {
        var file = Path.Combine(folder, "text.pem");
        File.WriteAllText(file, "not a certificate");

        Refuses(authority.Sign("node") with { Authority = file }, "cannot be read");
        Refuses(authority.Sign("node") with { Certificate = file }, "do not make a pair");
    }

    private void Refuses(TlsSettings settings, string because) =>
        Assert.Contains(because, Assert.Throws<InvalidSettingsException>(() => NodeCertificates.Load(settings, folder, now)).Message, StringComparison.Ordinal);
}
