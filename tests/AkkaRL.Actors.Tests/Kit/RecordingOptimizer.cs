using AkkaRL.Models.Optimizers;

namespace AkkaRL.Actors.Tests.Kit;

/// <summary>θ ← θ − rate · gradient, and a list of what was applied.</summary>
internal sealed class RecordingOptimizer : IOptimizer
{
    /// <summary>The first element of each gradient applied, with the learning rate, in order.</summary>
    public List<(float Gradient, float Rate)> Applied { get; } = [];

    public Span<float> Moments => [];

    public long Updates { get; set; }

    public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, float learningRate)
    {
        Applied.Add((gradient[0], learningRate));
        UpdatePiece(parameters, gradient, 0, learningRate);
        Updates++;
    }

    public void UpdatePiece(Span<float> parameters, ReadOnlySpan<float> gradient, int start, float learningRate)
    {
        for (var i = 0; i < parameters.Length; i++)
            parameters[i] -= learningRate * gradient[i];
    }
}
