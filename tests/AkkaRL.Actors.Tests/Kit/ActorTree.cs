using Akka.Actor;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>Which actors are alive below another.</summary>
internal static class ActorTree
{
    /// <summary>The paths of all actors below this one, relative to it, numbers left out, in order.</summary>
    public static IReadOnlyList<string> Below(IActorRef actor) => [.. Children(actor).SelectMany(child => Walk(child, "")).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Walk(IActorRef actor, string above)
    {
        var name = actor.Path.Name;
        var path = $"{above}/{(name.StartsWith('$') ? "$" : name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-'))}";
        return Children(actor).SelectMany(child => Walk(child, path)).Prepend(path);
    }

    private static IEnumerable<IActorRef> Children(IActorRef actor) => ((ActorRefWithCell)actor).Children.Where(child => child is ActorRefWithCell);
}
