using System.Globalization;
using AkkaRL.Actors.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaRL.Host.Reports;

/// <summary>Progress for a person at a terminal: a bar and the latest figures, redrawn in place at most ten times a second.</summary>
internal sealed class LiveProgress : IRunReport
{
    private const int BarWidth = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider time;
    private readonly TaskCompletionSource finished = new();
    private readonly Task drawing;
    private LiveDisplayContext? display;
    private RunStarted? run;
    private ProgressReported? row;
    private EvaluationReported? latest;
    private EvaluationReported? best;
    private FaultReported? fault;
    private long? drawnAt;

    public LiveProgress(TextWriter output, TimeProvider time)
    {
        this.time = time;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        drawing = console.Live(new Text("Starting")).AutoClear(true).StartAsync(context =>
        {
            display = context;
            return finished.Task;
        });
    }

    public void Tell(RunEvent happened)
    {
        switch (happened)
        {
            case RunStarted started:
                run = started;
                break;
            case ProgressReported reported:
                row = reported;
                break;
            case EvaluationReported evaluation:
                latest = evaluation;
                best = evaluation.IsBest ? evaluation : best;
                break;
            case FaultReported reported:
                fault = reported;
                break;
        }
        // The last state is always drawn, also of a run that is over before the next tenth of a second.
        if (happened is not RunFinished && drawnAt is { } at && time.GetElapsedTime(at) < Pause)
            return;
        drawnAt = time.GetTimestamp();
        display?.UpdateTarget(new Rows(Lines()));
    }

    public void Dispose()
    {
        finished.TrySetResult();
        drawing.GetAwaiter().GetResult();
    }

    private IEnumerable<IRenderable> Lines()
    {
        if (run is null)
            yield break;
        yield return new Text(ProgressText.Head(run));
        if (row is null)
            yield break;
        var full = (int)(BarWidth * ProgressText.Fraction(row, run.Settings.TotalSteps));
        yield return new Markup($"[green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/] {ProgressText.Position(row, run.Settings.TotalSteps)}");
        yield return new Text(ProgressText.Figures(row));
        if (latest is not null && best is not null)
            yield return new Text(string.Create(CultureInfo.InvariantCulture,
                $"evaluation {ProgressText.Evaluation(latest.Result)} at {latest.GlobalStep:N0}, best {ProgressText.Evaluation(best.Result)} at {best.GlobalStep:N0}"));
        if (fault is not null)
            yield return new Text(ProgressText.Fault(fault), new Style(Color.Yellow));
    }
}
