namespace AkkaRL.Models.Optimizers;

/// <summary>
/// A learning rate that goes in a straight line from one value to another, and stays there: η(s) = start + (end − start) · min(s / steps, 1).
/// </summary>
/// <param name="Start">η at step 0.</param>
/// <param name="End">η from step <paramref name="Steps"/> on.</param>
/// <param name="Steps">Steps from start to end; 0 for the end value throughout.</param>
public readonly record struct LearningRateSchedule(float Start, float End, long Steps)
{
    /// <summary>The same rate at every step.</summary>
    public static LearningRateSchedule Constant(float rate) => new(rate, rate, 0);

    /// <summary>η at a step, counted in the unit of <see cref="Steps"/>; steps outside the line take its nearer end.</summary>
    public float At(long step)
    {
        var part = Steps <= 0 ? 1 : Math.Clamp((double)step / Steps, 0, 1);
        return (float)(Start + (End - Start) * part);
    }
}
