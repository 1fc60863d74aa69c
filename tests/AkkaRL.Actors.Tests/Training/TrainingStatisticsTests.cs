using AkkaRL.Actors.Protocol;
using AkkaRL.Actors.Training;
using AkkaRL.Models.Algorithms;

namespace AkkaRL.Actors.Tests.Training;

public class TrainingStatisticsTests
{
    [Fact]
    public void Losses_are_means_since_they_were_last_taken()
    {
        var statistics = new TrainingStatistics(episodeWindow: 2);
        statistics.Add(new ActorCriticLosses(1, 2, 3, 4), null);
        statistics.Add(new ActorCriticLosses(3, 4, 5, 6), null);
        Assert.Equal(new ActorCriticLosses(2, 3, 4, 5), statistics.TakeLosses());
        statistics.Add(new ActorCriticLosses(9, 9, 9, 9), null);
        Assert.Equal(new ActorCriticLosses(9, 9, 9, 9), statistics.TakeLosses());
        Assert.True(double.IsNaN(statistics.TakeLosses().Policy));
    }

    [Fact]
    public void Episodes_are_averaged_over_the_latest_window_and_counted_without_end()
    {
        var statistics = new TrainingStatistics(episodeWindow: 2);
        Assert.True(double.IsNaN(statistics.MeanReturn) && double.IsNaN(statistics.MeanLength));
        statistics.Add(default, new FinishedEpisode(10, 1));
        Assert.Equal((10, 1), (statistics.MeanReturn, statistics.MeanLength));
        statistics.Add(default, new FinishedEpisode(20, 2));
        statistics.Add(default, null);
        statistics.Add(default, new FinishedEpisode(40, 4));
        Assert.Equal((3, 30, 3), (statistics.Episodes, statistics.MeanReturn, statistics.MeanLength));
    }
}
