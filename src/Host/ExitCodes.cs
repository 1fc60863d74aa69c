namespace AkkaRL.Host;

/// <summary>What akkarl's exit codes mean. A contract: scripts read them.</summary>
internal static class ExitCodes
{
    /// <summary>Done as asked.</summary>
    public const int Success = 0;

    /// <summary>The run failed, or a check did not pass.</summary>
    public const int Failure = 1;

    /// <summary>What was asked for cannot be done as it was written; nothing was left behind.</summary>
    public const int BadInput = 2;

    /// <summary>The cluster goes on without this node: it was put out, or its learner's place is another's. To be started again, by systemd or Kubernetes.</summary>
    public const int PutOut = 3;

    /// <summary>Ctrl-C or SIGTERM ended the run; its summary and policies are written unless it came twice.</summary>
    public const int Interrupted = 130;

    public const string Help = """
        Exit codes:
          0    done as asked
          1    the run failed, or a check (verify-env, doctor, benchmark) did not pass
          2    bad input: the message says what to change; nothing was left behind
          3    the cluster put this node out, or another has its learner's place: start it again
          130  stopped by Ctrl-C or SIGTERM; summary and policies are written (a second one exits at once)
        """;
}
