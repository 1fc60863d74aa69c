namespace AkkaRL.Host.Reports;

/// <summary>Writes a file so that its name always leads to a whole one: the old or the new, whenever the process is killed or the disk is full.</summary>
internal static class AtomicFile
{
    /// <exception cref="IOException">It cannot be written; nothing is left of it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var unfinished = path + ".tmp";
        try
        {
            FileWriting.Guard(path, () =>
            {
                using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(unfinished, path, overwrite: true);
            });
        }
        catch (IOException)
        {
            Discard(unfinished);
            throw;
        }
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It costs room, and nothing else: what could not be written is told.
        }
    }
}
