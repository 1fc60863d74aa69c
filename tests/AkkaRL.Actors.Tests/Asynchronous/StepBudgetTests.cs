using AkkaRL.Actors.Asynchronous;
using CsCheck;

namespace AkkaRL.Actors.Tests.Asynchronous;

public class StepBudgetTests
{
    [Fact]
    public void What_is_out_on_grants_is_not_granted_again()
    {
        var budget = new StepBudget(8);
        Assert.Equal((5, 3, 0), (budget.Grant(5), budget.Grant(5), budget.Grant(5)));
        budget.Settle(5, applied: 2);
        Assert.Equal((3, 2), (budget.Grant(5), budget.Applied));
    }

    [Fact]
    public void A_grant_that_was_not_applied_is_free_again()
    {
        var budget = new StepBudget(5);
        budget.Settle(budget.Grant(5), applied: 0);
        Assert.Equal((5, 0, false), (budget.Grant(5), budget.Applied, budget.IsSpent));
    }

    [Fact]
    public void A_large_grant_leaves_some_for_others_and_is_a_rollout_at_least()
    {
        var budget = new StepBudget(100);
        Assert.Equal((20, 20, 15, 11, 8), (budget.Grant(20, least: 5), budget.Grant(20, least: 5), budget.Grant(20, least: 5), budget.Grant(20, least: 5), budget.Grant(20, least: 5)));
        Assert.Equal((6, 5, 5, 5, 5, 0), (budget.Grant(20, 5), budget.Grant(20, 5), budget.Grant(20, 5), budget.Grant(20, 5), budget.Grant(20, 5), budget.Grant(20, 5)));
    }

    [Fact]
    public void Whatever_the_grants_the_applied_steps_never_exceed_the_total_and_end_exactly_on_it() =>
        Gen.Select(Gen.Long[1, 500], Gen.Int[1, 20], Gen.Int[1, 8], Gen.Int[0, 100].Array[1, 2000]).Sample((total, wanted, workers, choices) =>
        {
            var budget = new StepBudget(total);
            var grants = new int[workers];
            // Random part: a worker settles what it has, of which some was applied, and asks again.
            foreach (var choice in choices)
            {
                var worker = choice % workers;
                budget.Settle(grants[worker], applied: grants[worker] * choice / 100);
                grants[worker] = budget.Grant(wanted);
                if (budget.Applied + grants.Sum() > total || (budget.IsSpent && grants.Sum() > 0))
                    return false;
            }
            // Then everybody goes on until nobody is granted anything.
            while (grants.Sum() > 0)
                for (var worker = 0; worker < workers; worker++)
                {
                    budget.Settle(grants[worker], grants[worker]);
                    grants[worker] = budget.Grant(wanted);
                }
            return budget.Applied == total && budget.IsSpent;
        });
}
