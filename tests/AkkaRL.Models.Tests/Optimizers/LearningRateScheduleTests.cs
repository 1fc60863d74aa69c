using AkkaRL.Models.Optimizers;

namespace AkkaRL.Models.Tests.Optimizers;

public class LearningRateScheduleTests
{
    [Theory]
    [InlineData(-5, 1e-3f)]
    [InlineData(0, 1e-3f)]
    [InlineData(25, 7.5e-4f)]
    [InlineData(100, 0)]
    [InlineData(long.MaxValue, 0)]
    public void A_line_goes_from_start_to_end_and_stays_there(long step, float expected) =>
        Assert.Equal(expected, new LearningRateSchedule(1e-3f, 0, 100).At(step), 1e-9);

    [Fact]
    public void A_constant_is_the_same_at_every_step()
    {
        var schedule = LearningRateSchedule.Constant(3e-4f);
        Assert.All((long[])[0, 1, 1_000_000], step => Assert.Equal(3e-4f, schedule.At(step)));
    }
}
