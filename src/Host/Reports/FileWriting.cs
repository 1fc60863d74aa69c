namespace AkkaRL.Host.Reports;

/// <summary>One kind of exception for all that the system may have against writing a file.</summary>
internal static class FileWriting
{
    /// <exception cref="IOException">There is no room, no permission, or the file would be larger than it may be.</exception>
    public static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (ArgumentOutOfRangeException error)
        {
            // This is what .NET makes of EFBIG.
            throw new IOException($"{path} would become larger than the file system or a limit of this process allows.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }
}
