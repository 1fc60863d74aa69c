namespace AkkaRL.Actors.Training;

/// <summary>What a run leaves behind.</summary>
/// <param name="Summary">The content of summary.json.</param>
/// <param name="Last">The policy at the end.</param>
/// <param name="Best">The policy of the best evaluation during training (the latest of equals); the last one when there was no evaluation.</param>
public sealed record RunResult(RunSummary Summary, TrainedPolicy Last, TrainedPolicy Best);
