using Akka.Actor;
using Akka.Event;

namespace AkkaRL.Actors.Training;

/// <summary>Tells the run's listener every <see cref="RunEvent"/>, one at a time, off the training threads.</summary>
/// <remarks>
/// <para>Parent: the run supervisor. Supervises nobody. In: every <see cref="RunEvent"/>.</para>
/// <para>A listener that throws loses that event and is logged; the run goes on.</para>
/// </remarks>
public sealed class MetricsPublisher : ReceiveActor
{
    /// <summary>Made by the run supervisor.</summary>
    public MetricsPublisher(Action<RunEvent>? listener)
    {
        var log = Context.GetLogger();
        Receive<RunEvent>(occurrence =>
        {
            try
            {
                listener?.Invoke(occurrence);
            }
#pragma warning disable CA1031 // Whatever a user's listener throws must not end the run.
            catch (Exception cause)
#pragma warning restore CA1031
            {
                log.Error(cause, "The run's listener threw on {0}; that event is lost.", occurrence.GetType().Name);
            }
        });
    }
}
