using System.Diagnostics;

namespace AkkaRL.Chaos.Tests.Kit;

/// <summary>Where the nodes of chaos runs are. Places are numbered from 1.</summary>
internal interface INetwork : IAsyncDisposable
{
    /// <summary>Why it cannot be cut or slowed; null when it can.</summary>
    string? WhyWhole { get; }

    /// <summary>Where PostgreSQL listens.</summary>
    string DatabaseAddress { get; }

    /// <summary>The address that the node at a place listens on.</summary>
    string AddressOf(int place);

    /// <summary>A command as it is run at a place; 0 is where PostgreSQL is.</summary>
    ProcessStartInfo At(int place, string command, params string[] arguments);

    /// <summary>Cuts a place off from the other places; from PostgreSQL too if that is wanted.</summary>
    Task CutAsync(int place, bool fromDatabase);

    /// <summary>Undoes <see cref="CutAsync"/>.</summary>
    Task HealAsync(int place);

    /// <summary>Delays and drops the packets between a place and the others; returns by which means.</summary>
    Task<string> DisturbAsync(int place);

    /// <summary>Undoes <see cref="DisturbAsync"/>.</summary>
    Task CalmAsync(int place);

    /// <summary>Undoes all of it, everywhere.</summary>
    Task MendAsync();
}
