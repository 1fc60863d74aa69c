using AkkaRL.Actors.Training;

namespace AkkaRL.Host.Reports;

/// <summary>Something that shows or keeps a run's events. It is told them one at a time, in order, from one task.</summary>
internal interface IRunReport : IDisposable
{
    void Tell(RunEvent happened);
}
