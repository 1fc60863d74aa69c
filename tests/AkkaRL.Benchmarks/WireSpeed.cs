using System.Diagnostics;
using Akka.Actor;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Wire;
using static AkkaRL.Actors.Protocol.ClusterLinks;

namespace AkkaRL.Benchmarks;

/// <summary>How fast large vectors cross a link between two actor systems, over TCP on loopback, how long a small message takes there and back meanwhile, and what rounding saves.</summary>
internal static class WireSpeed
{
    private const int Floats = 1_750_000;
    private const int Transfers = 60;
    private static readonly LinkLabel Label = new("run", 1, 1);

    /// <summary>Measures and prints.</summary>
    public static async Task PrintAsync(TextWriter output)
    {
        var (near, far) = (ClusterNode.Start("", "learner", seed: null), ClusterNode.Start("", "worker", seed: null));
        try
        {
            await MeasureAsync(near, far, transfers: 10); // compiles
            var (seconds, idle, busy) = await MeasureAsync(near, far, Transfers);
            var megabytes = sizeof(float) * (double)Floats * Transfers / 1e6;
            output.WriteLine($"{Transfers} vectors of {sizeof(float) * Floats / 1e6:0.#} MB in {LinkChannel.PartSize / 1024} KB parts, window {LinkChannel.Window}, two actor systems of one process, TCP on loopback.");
            output.WriteLine($"{megabytes / seconds:0} MB/s, each acknowledged before the next is sent.");
            output.WriteLine($"A small message there and back: median {Quantile(idle, 0.5):0.00} ms, p99 {Quantile(idle, 0.99):0.00} ms of {idle.Count} with nothing else under way;");
            output.WriteLine($"median {Quantile(busy, 0.5):0.00} ms, p99 {Quantile(busy, 0.99):0.00} ms of {busy.Count} beside the vectors.");
        }
        finally
        {
            await Task.WhenAll(near.Terminate(), far.Terminate());
        }
        foreach (var (floats, messages) in ((int, int)[])[(4_675, 20_000), (1_700_000, 60)])
            await PrintPrecisionsAsync(output, floats, messages, rounds: 3);
    }

    private static async Task PrintPrecisionsAsync(TextWriter output, int floats, int messages, int rounds)
    {
        var times = Enum.GetValues<GradientPrecision>().ToDictionary(precision => precision, _ => new List<double>());
        for (var round = 0; round < rounds; round++)
            foreach (var (precision, taken) in times)
                taken.Add(await MessageSecondsAsync(floats, messages, precision) * 1e3);
        foreach (var (precision, taken) in times)
            output.WriteLine($"{floats:N0} parameters there, {precision}, and as many back, Full: {Quantile(taken, 0.5):0.000} ms ({taken.Min():0.000} to {taken.Max():0.000}), median (range) of {rounds} in turns.");
    }

    /// <summary>Seconds that a vector there, rounded first, and one back as it is take, of several pairs at once: both ends on this machine.</summary>
    public static async Task<double> MessageSecondsAsync(int floats, int messages, GradientPrecision precision = GradientPrecision.Full)
    {
        const int Pairs = 4;
        var (near, far) = (ClusterNode.Start("", "learner", seed: null), ClusterNode.Start("", "worker", seed: null));
        try
        {
            for (var round = 0; ; round++)
            {
                var watch = Stopwatch.StartNew();
                await Task.WhenAll(Enumerable.Range(0, Pairs).Select(_ => ExchangeAsync(near, far, floats, messages / Pairs, precision)));
                if (round == 1) // the first compiles
                    return watch.Elapsed.TotalSeconds / (messages / Pairs * Pairs);
            }
        }
        finally
        {
            await Task.WhenAll(near.Terminate(), far.Terminate());
        }
    }

    private static async Task ExchangeAsync(ActorSystem near, ActorSystem far, int floats, int exchanges, GradientPrecision precision)
    {
        var answers = far.ActorOf(Props.Create(() => new Partner(floats, null, int.MaxValue, null, precision)));
        var remote = await near.ActorSelection(answers.Path.ToStringWithAddress(((ExtendedActorSystem)far).Provider.DefaultAddress)).ResolveOne(TimeSpan.FromSeconds(30));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        near.ActorOf(Props.Create(() => new Partner(floats, remote, exchanges, done, precision)));
        await done.Task;
    }

    private static async Task<(double Seconds, List<double> Idle, List<double> Busy)> MeasureAsync(ActorSystem near, ActorSystem far, int transfers)
    {
        var receiver = far.ActorOf(Props.Create(() => new Receiver()));
        var remote = await near.ActorSelection(receiver.Path.ToStringWithAddress(((ExtendedActorSystem)far).Provider.DefaultAddress)).ResolveOne(TimeSpan.FromSeconds(30));
        var (done, idle, busy) = (new TaskCompletionSource<double>(), new TaskCompletionSource<List<double>>(), new TaskCompletionSource<List<double>>());
        near.ActorOf(Props.Create(() => new Pinger(remote, 300, idle)));
        var idleTimes = await idle.Task;
        var pinger = near.ActorOf(Props.Create(() => new Pinger(remote, int.MaxValue, busy)));
        near.ActorOf(Props.Create(() => new Sender(remote, transfers, done)));
        var seconds = await done.Task;
        pinger.Tell(new Stop());
        return (seconds, idleTimes, await busy.Task);
    }

    private static double Quantile(List<double> values, double part) => values.Order().ElementAt((int)(part * (values.Count - 1)));

    private sealed record Stop;

    /// <summary>Sends one vector after the other.</summary>
    private sealed class Sender : ReceiveActor
    {
        public Sender(IActorRef receiver, int transfers, TaskCompletionSource<double> done)
        {
            var (vector, left, self) = (new float[Floats], transfers, Self);
            var channel = new LinkChannel(Label, message => receiver.Tell(message, self));
            var watch = Stopwatch.StartNew();
            Receive<LinkPulse>(pulse => channel.Take(pulse));
            Receive<LinkFrame>(_ =>
            {
                if (--left == 0)
                    done.SetResult(watch.Elapsed.TotalSeconds);
                else
                    channel.Send(new ParametersMoved(vector));
            });
            channel.Send(new ParametersMoved(vector));
        }
    }

    /// <summary>One of two that send each other a vector in turn; the one with a partner begins, and sends what a node would.</summary>
    private sealed class Partner : ReceiveActor
    {
        public Partner(int floats, IActorRef? partner, int exchanges, TaskCompletionSource? done, GradientPrecision precision)
        {
            var (vector, left, self) = (new float[floats], exchanges, Self);
            LinkChannel? channel = partner is null ? null : new LinkChannel(Label, message => partner.Tell(message, self));
            for (var i = 0; i < floats; i++)
                vector[i] = MathF.Sin(i);
            Receive<LinkPulse>(pulse => channel!.Take(pulse));
            Receive<LinkFrame>(frame =>
            {
                var sender = Sender;
                channel ??= new LinkChannel(Label, message => sender.Tell(message, self));
                if (channel.Take(frame) is null)
                    return;
                if (partner is not null && --left == 0)
                    done!.SetResult();
                else
                    Send();
            });
            if (partner is not null)
                Send();

            void Send()
            {
                if (partner is not null)
                    VectorCoding.Round(precision, vector);
                channel!.Send(partner is null ? new ParametersMoved(vector) : new UpdatesMade(0, 0, 1, 0, 5, default, [], vector, ReadOnlyMemory<float>.Empty, precision));
            }
        }
    }

    /// <summary>Puts together what the sender sends, answers each vector, and whatever is not of its link.</summary>
    private sealed class Receiver : ReceiveActor
    {
        public Receiver()
        {
            LinkChannel? channel = null;
            Receive<LinkFrame>(frame =>
            {
                var (sender, self) = (Sender, Self);
                channel ??= new LinkChannel(Label, message => sender.Tell(message, self));
                if (channel.Take(frame) is not null)
                    sender.Tell(new LinkFrame(Label, 0, "left", 0, ReadOnlyMemory<byte>.Empty), self);
            });
            Receive<LinkPulse>(pulse => Sender.Tell(pulse));
        }
    }

    /// <summary>Sends a small message a few times a second, and notes how long the answer takes.</summary>
    private sealed class Pinger : ReceiveActor, IWithTimers
    {
        public Pinger(IActorRef receiver, int count, TaskCompletionSource<List<double>> done)
        {
            var (times, at) = (new List<double>(), 0L);
            Receive<string>(_ =>
            {
                at = Stopwatch.GetTimestamp();
                receiver.Tell(new LinkPulse(Label, -1, 0));
            });
            Receive<LinkPulse>(_ =>
            {
                times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                if (times.Count == count)
                    done.SetResult(times);
                else
                    Timers!.StartSingleTimer("next", "next", TimeSpan.FromMilliseconds(2));
            });
            Receive<Stop>(_ => done.TrySetResult(times));
            Self.Tell("first");
        }

        public ITimerScheduler? Timers { get; set; }
    }
}
