using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Cluster;

/// <summary>A node's own certificate, and the authority whose certificates it believes: those, and no others that the machine may trust.</summary>
public sealed class NodeCertificates
{
    private readonly X509Certificate2Collection authorities = [];

    private NodeCertificates(X509Certificate2 own) => Own = own;

    /// <summary>This node's, with its key.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>Reads and checks the files.</summary>
    /// <param name="settings">Where they are.</param>
    /// <param name="folder">What relative paths are relative to.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidSettingsException">One is missing, unreadable, out of date, or of another authority.</exception>
    public static NodeCertificates Load(TlsSettings settings, string folder, DateTimeOffset now)
    {
        var (certificate, key, authority) = (Find("certificate", settings.Certificate, folder), Find("key", settings.Key, folder), Find("authority", settings.Authority, folder));
        var own = Read($"The certificate {certificate} and the key {key} do not make a pair", () => X509Certificate2.CreateFromPemFile(certificate, key));
        var certificates = new NodeCertificates(own);
        Read($"The authority's certificate {authority} cannot be read", () =>
        {
            certificates.authorities.ImportFromPemFile(authority);
            return certificates.authorities.Count > 0 ? certificates : throw new CryptographicException("There is no certificate in it.");
        });
        if (now > own.NotAfter)
            throw new InvalidSettingsException($"The certificate {certificate} expired at {own.NotAfter.ToUniversalTime():u}. Have the authority sign a new one.");
        if (now < own.NotBefore)
            throw new InvalidSettingsException($"The certificate {certificate} is not valid before {own.NotBefore.ToUniversalTime():u}. Check this machine's clock, or have another signed.");
        if (certificates.Objection(own) is { } objection)
            throw new InvalidSettingsException($"The certificate {certificate} is not one of the authority {authority}: {objection} Name the authority that signed it.");
        return certificates;
    }

    /// <summary>Whether a peer's certificate is one of the authority's and in date.</summary>
    public bool Accept(X509Certificate2? peer) => peer is not null && Objection(peer) is null;

    private string? Objection(X509Certificate2 peer)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(peer) ? null : string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.') + "."));
    }

    private static string Find(string key, string path, string folder)
    {
        var full = Path.GetFullPath(path, folder);
        return File.Exists(full) ? full : throw new InvalidSettingsException($"akkarl.cluster.tls.{key} names {full}, where there is no file. Correct the path.");
    }

    private static T Read<T>(string failure, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingsException($"{failure}: {error.Message.ReplaceLineEndings(" ")} Both must be PEM files that this user can read.");
        }
    }
}
