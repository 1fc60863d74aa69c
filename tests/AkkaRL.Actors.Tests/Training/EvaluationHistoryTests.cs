using AkkaRL.Actors.Training;

namespace AkkaRL.Actors.Tests.Training;

public class EvaluationHistoryTests
{
    [Fact]
    public void An_env_is_solved_by_three_evaluations_in_a_row_at_the_mark_and_since_the_first_of_them()
    {
        var history = new EvaluationHistory(solvedAt: 10);
        Add(history, 9, 10, 10);
        Assert.Null(history.Solved);
        Assert.True(history.NextMaySolve);
        Add(history, 10);
        Assert.Equal((2, 20), history.Solved);
        Assert.False(history.NextMaySolve);
    }

    [Fact]
    public void An_evaluation_under_the_mark_begins_the_count_again()
    {
        var history = new EvaluationHistory(solvedAt: 10);
        Add(history, 10, 10, 9, 10, 10);
        Assert.Null(history.Solved);
        Add(history, 10);
        Assert.Equal((4, 40), history.Solved);
    }

    [Fact]
    public void What_happens_after_an_env_was_solved_does_not_move_when_it_was()
    {
        var history = new EvaluationHistory(solvedAt: 10);
        Add(history, 10, 10, 10, 10, 0, 10, 10, 10);
        Assert.Equal((1, 10), history.Solved);
    }

    [Fact]
    public void An_env_without_a_mark_is_never_solved()
    {
        var history = new EvaluationHistory(solvedAt: null);
        Add(history, 10, 10, 10, 10);
        Assert.Null(history.Solved);
        Assert.False(history.NextMaySolve);
    }

    [Fact]
    public void The_best_policy_is_the_latest_of_the_best_evaluations()
    {
        var history = new EvaluationHistory(solvedAt: null);
        Assert.Equal([true, true, false, true], Add(history, 1, 5, 4, 5));
        Assert.Equal((5, 4), (history.Best!.Mean, history.Count));
        Assert.Equal([4], history.BestParameters!);
    }

    /// <summary>The n-th evaluation is of step n and parameter n, after 10 n seconds.</summary>
    private static List<bool> Add(EvaluationHistory history, params double[] means)
    {
        var best = new List<bool>();
        foreach (var mean in means)
        {
            var number = history.Count + 1;
            best.Add(history.Add(number, 10 * number, new EvaluationResult(1, mean, 0, mean, mean), [number]));
        }
        return best;
    }
}
