namespace AkkaRL.Envs.Wrappers;

/// <summary>The mean and variance of everything seen so far, component by component.</summary>
/// <remarks>
/// <para>Update: δ = x - μ; μ ← μ + δ / (n + 1); σ² ← (n σ² + δ² n / (n + 1)) / (n + 1); n ← n + 1. Starts from μ = 0, σ² = 1 with the
/// weight of a ten-thousandth of a sample, as Gymnasium does.</para>
/// <para>One object may serve several envs of one thread; between threads, send copies and <see cref="Merge"/> them.</para>
/// <para>Sources: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances"
/// (1979); Gymnasium 0.29 <c>RunningMeanStd</c>.</para>
/// </remarks>
public sealed class RunningMoments
{
    private const double Epsilon = 1e-8;

    private readonly double[] mean, variance;
    private readonly double priorCount;

    /// <summary>The moments of vectors of <paramref name="size"/> components.</summary>
    /// <param name="size">Components.</param>
    /// <param name="priorCount">The weight of the mean 0 and variance 1 to start from, in samples; 0 for moments that will be merged into
    /// others.</param>
    public RunningMoments(int size, double priorCount = 1e-4)
    {
        mean = new double[size];
        variance = new double[size];
        this.priorCount = priorCount;
        Clear();
    }

    /// <summary>Components.</summary>
    public int Size => mean.Length;

    /// <summary>Samples seen, the prior's weight included.</summary>
    public double Count { get; private set; }

    /// <summary>The mean of each component.</summary>
    public ReadOnlySpan<double> Mean => mean;

    /// <summary>The (biased) variance of each component.</summary>
    public ReadOnlySpan<double> Variance => variance;

    /// <summary>Forgets everything but the prior.</summary>
    public void Clear()
    {
        Array.Clear(mean);
        Array.Fill(variance, 1.0);
        Count = priorCount;
    }

    /// <summary>Counts one sample in; <see cref="Size"/> floats.</summary>
    public void Update(ReadOnlySpan<float> sample)
    {
        for (var i = 0; i < mean.Length; i++)
            Combine(i, sample[i], otherVariance: 0, otherCount: 1);
        Count += 1;
    }

    /// <summary>Counts one sample in, for moments of one component.</summary>
    public void Update(double sample)
    {
        Combine(0, sample, otherVariance: 0, otherCount: 1);
        Count += 1;
    }

    /// <summary>Counts in everything that <paramref name="other"/> has seen, its prior included.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public void Merge(RunningMoments other)
    {
        if (other.Size != Size)
            throw new ArgumentException($"Moments of {other.Size} components cannot be merged into moments of {Size}.", nameof(other));
        if (other.Count == 0)
            return;
        for (var i = 0; i < mean.Length; i++)
            Combine(i, other.mean[i], other.variance[i], other.Count);
        Count += other.Count;
    }

    /// <summary>(sample - μ) / √(σ² + 1e-8) of one component.</summary>
    public double Standardize(int component, double sample) => (sample - mean[component]) * InverseDeviation(component);

    /// <summary>1 / √(σ² + 1e-8) of one component.</summary>
    public double InverseDeviation(int component) => 1.0 / Math.Sqrt(variance[component] + Epsilon);

    /// <summary>Writes the moments.</summary>
    public void Capture(BinaryWriter writer)
    {
        writer.Write(Size);
        writer.Write(Count);
        for (var i = 0; i < Size; i++)
        {
            writer.Write(mean[i]);
            writer.Write(variance[i]);
        }
    }

    /// <summary>Reads what <see cref="Capture"/> wrote.</summary>
    /// <exception cref="InvalidDataException">They are moments of another number of components.</exception>
    public void Restore(BinaryReader reader)
    {
        if (reader.ReadInt32() is var size && size != Size)
            throw new InvalidDataException($"The captured moments have {size} components, these have {Size}: they belong to another env.");
        Count = reader.ReadDouble();
        for (var i = 0; i < Size; i++)
            (mean[i], variance[i]) = (reader.ReadDouble(), reader.ReadDouble());
    }

    private void Combine(int i, double otherMean, double otherVariance, double otherCount)
    {
        var total = Count + otherCount;
        var delta = otherMean - mean[i];
        mean[i] += delta * otherCount / total;
        variance[i] = (variance[i] * Count + otherVariance * otherCount + delta * delta * Count * otherCount / total) / total;
    }
}
