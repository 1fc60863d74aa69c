using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AkkaRL.Actors.Cluster;

namespace AkkaRL.Host.Tests.Cluster;

/// <summary>A certificate authority of a test's own, which signs nodes' certificates into PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;
    private readonly string folder;
    private readonly string name;
    private readonly DateTimeOffset now;
    private byte serial;

    public TestAuthority(string folder, string name, DateTimeOffset now)
    {
        (this.folder, this.name, this.now) = (folder, name, now);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        certificate = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
        File.WriteAllText(AuthorityFile, certificate.ExportCertificatePem());
    }

    public string AuthorityFile => Path.Combine(folder, $"{name}.pem");

    /// <summary>Signs a certificate that is valid in these days from now.</summary>
    public TlsSettings Sign(string node, int fromDays = -1, int toDays = 1)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={node}", own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        using var signed = request.Create(certificate, now.AddDays(fromDays), now.AddDays(toDays), [++serial]);
        var (certificateFile, keyFile) = (Path.Combine(folder, $"{node}.crt"), Path.Combine(folder, $"{node}.key"));
        File.WriteAllText(certificateFile, signed.ExportCertificatePem());
        File.WriteAllText(keyFile, own.ExportPkcs8PrivateKeyPem());
        return new TlsSettings { Certificate = certificateFile, Key = keyFile, Authority = AuthorityFile };
    }

    public void Dispose()
    {
        key.Dispose();
        certificate.Dispose();
    }
}
