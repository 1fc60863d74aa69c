using System.Runtime.InteropServices;

namespace AkkaRL.Host;

/// <summary>Ctrl-C and SIGTERM: the first asks for a graceful stop, the second exits at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly TextWriter output = Console.Out;
    private readonly PosixSignalRegistration[] registrations;

    public Interruption() =>
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    public CancellationToken Stop => stop.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        stop.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (stop.IsCancellationRequested)
        {
            // The progress bar hides the cursor.
            if (!Console.IsOutputRedirected)
                output.Write("\u001b[?25h");
            Environment.Exit(ExitCodes.Interrupted);
        }
        Console.Error.WriteLine("Stopping; once more to exit at once.");
        stop.Cancel();
    }
}
