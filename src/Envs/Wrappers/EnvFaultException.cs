namespace AkkaRL.Envs.Wrappers;

/// <summary>An env broke its contract; <see cref="ValidatedEnv"/> says which, in which call and how.</summary>
#pragma warning disable CA1032 // The standard constructors would make faults that name no env.
public sealed class EnvFaultException(string env, string call, string problem, Exception? inner = null)
    : Exception($"The env {env} failed in {call}: {problem}", inner)
#pragma warning restore CA1032
{
    /// <summary>The env's name.</summary>
    public string Env => env;

    /// <summary>The call that failed: <c>Reset</c>, <c>Step</c>, <c>WriteActionMask</c>, <c>CaptureState</c> or <c>RestoreState</c>.</summary>
    public string Call => call;
}
