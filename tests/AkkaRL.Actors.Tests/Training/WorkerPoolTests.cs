using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs.Wrappers;

namespace AkkaRL.Actors.Tests.Training;

public class WorkerPoolTests() : TestKit(KitConfig.TestScheduler)
{
    private static readonly FaultSettings Settings = new()
    {
        BackOffMinimum = TimeSpan.FromSeconds(1),
        BackOffMaximum = TimeSpan.FromSeconds(5),
        StallTimeout = TimeSpan.FromSeconds(40),
    };

    /// <summary>Nobody is asked for a sign of life while back-off is looked at.</summary>
    private static readonly FaultSettings WithoutPings = Settings with { StallTimeout = TimeSpan.FromDays(1) };

    private static readonly EnvFaultException EnvFault = new("Faulty-v0", "Step", "it broke.", new InvalidOperationException("inside"));

    [Fact]
    public void A_worker_that_throws_is_replaced_after_a_back_off_that_doubles_up_to_its_maximum()
    {
        var pool = new PoolHarness(this, 1, WithoutPings);
        var life = 0;
        foreach (var seconds in (double[])[1, 2, 4, 5, 5])
        {
            pool.ExpectStart(0, life).Ref.Tell(new PuppetWorker.Throw(EnvFault));
            Assert.Contains($"replaced in {seconds} s", pool.ExpectFault(0, FaultKind.Environment).Message, StringComparison.Ordinal);
            pool.Advance(seconds - 0.001);
            Assert.False(pool.HasBegun(0, ++life));
            pool.Advance(0.001);
        }
        pool.ExpectStart(0, life);
    }

    [Fact]
    public void A_worker_that_lived_longer_than_the_longest_back_off_begins_with_the_shortest_again()
    {
        var pool = new PoolHarness(this, 1, WithoutPings);
        pool.ExpectStart(0, 0).Ref.Tell(new PuppetWorker.Throw(EnvFault));
        pool.ExpectFault(0, FaultKind.Environment);
        pool.Advance(1);
        var second = pool.ExpectStart(0, 1);
        pool.Advance(5.001);
        second.Ref.Tell(new PuppetWorker.Throw(EnvFault));
        Assert.Contains("replaced in 1 s", pool.ExpectFault(0, FaultKind.Environment).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_back_off_stays_at_its_maximum_however_often_a_worker_throws()
    {
        var day = TimeSpan.FromDays(1);
        var pool = new PoolHarness(this, 1, new FaultSettings { BackOffMinimum = day, BackOffMaximum = day, StallTimeout = 1000 * day });
        for (var life = 0; life < 40; life++)
        {
            pool.ExpectStart(0, life).Ref.Tell(new PuppetWorker.Throw(EnvFault));
            Assert.Contains("replaced in 86400 s", pool.ExpectFault(0, FaultKind.Environment).Message, StringComparison.Ordinal);
            pool.Advance(86_400);
        }
    }

    [Fact]
    public void The_others_go_on_when_one_worker_throws()
    {
        var pool = new PoolHarness(this, 2, WithoutPings);
        var started = new[] { pool.ExpectAnyStart(), pool.ExpectAnyStart() };
        started.Single(worker => worker.Worker == 1).Ref.Tell(new PuppetWorker.Throw(EnvFault));
        pool.ExpectFault(1, FaultKind.Environment);
        pool.Advance(1);
        pool.ExpectStart(1, 1);
        Assert.True(pool.HasBegun(0, 0));
        Assert.False(pool.HasBegun(0, 1));
    }

    [Fact]
    public void An_exception_that_is_not_the_envs_is_a_fault_of_the_worker()
    {
        var pool = new PoolHarness(this, 1, WithoutPings);
        pool.ExpectStart(0, 0).Ref.Tell(new PuppetWorker.Throw(new InvalidOperationException("no network")));
        Assert.StartsWith("InvalidOperationException: no network", pool.ExpectFault(0, FaultKind.Worker).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_env_that_fails_in_the_workers_constructor_is_a_fault_of_the_env()
    {
        var pool = new PoolHarness(this, 1, WithoutPings, constructorFailure: EnvFault);
        pool.ExpectStart(0, 0);
        Assert.StartsWith(EnvFault.Message, pool.ExpectFault(0, FaultKind.Environment).Message, StringComparison.Ordinal);
        pool.Advance(1);
        pool.ExpectStart(0, 1);
    }

    [Fact]
    public void An_env_that_fails_in_its_first_reset_is_a_fault_of_the_env()
    {
        var pool = new PoolHarness(this, 1, WithoutPings, startFailure: EnvFault);
        pool.ExpectStart(0, 0);
        Assert.StartsWith(EnvFault.Message, pool.ExpectFault(0, FaultKind.Environment).Message, StringComparison.Ordinal);
        pool.Advance(1);
        pool.ExpectStart(0, 1);
    }

    [Fact]
    public void A_worker_that_cannot_be_made_is_a_fault_that_names_the_cause()
    {
        var pool = new PoolHarness(this, 1, WithoutPings, constructorFailure: new InvalidOperationException("no tensor library"));
        pool.ExpectStart(0, 0);
        Assert.StartsWith("InvalidOperationException: no tensor library", pool.ExpectFault(0, FaultKind.Worker).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_answers_is_left_alone()
    {
        var pool = new PoolHarness(this, 1, Settings);
        pool.ExpectStart(0, 0);
        for (var ping = 0; ping < 10; ping++)
        {
            pool.Advance(10);
            pool.ExpectPing(0, 0);
            pool.Pong(0, 0);
        }
        pool.ParentHearsNothing();
    }

    [Fact]
    public void A_worker_that_does_not_answer_is_replaced_at_once_and_its_late_answers_do_not_count()
    {
        var pool = new PoolHarness(this, 1, Settings);
        pool.ExpectStart(0, 0);
        for (var life = 0; life < 2; life++)
        {
            for (var ping = 0; ping < 3; ping++)
            {
                pool.Advance(10);
                pool.ExpectPing(0, life);
                pool.Pong(0, life - 1);
            }
            pool.ParentHearsNothing();
            pool.Advance(10);
            pool.ExpectFault(0, FaultKind.Stall);
            pool.ExpectStart(0, life + 1);
        }
    }

    [Fact]
    public void A_worker_in_its_back_off_is_not_taken_for_stalled()
    {
        var patient = Settings with { BackOffMinimum = TimeSpan.FromSeconds(100), BackOffMaximum = TimeSpan.FromSeconds(100) };
        var pool = new PoolHarness(this, 1, patient);
        pool.ExpectStart(0, 0).Ref.Tell(new PuppetWorker.Throw(EnvFault));
        pool.ExpectFault(0, FaultKind.Environment);
        for (var pulse = 0; pulse < 9; pulse++)
            pool.Advance(10);
        pool.ParentHearsNothing();
        pool.Advance(10);
        pool.ExpectStart(0, 1);
    }
}
