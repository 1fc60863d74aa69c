using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks.Torch;
using AkkaRL.Models.Optimizers;
using static TorchSharp.torch.nn;

// Any module from [batch, inputs] to [batch, outputs]; each worker and the learner get one of their own.
var network = new TorchModule((inputs, outputs) =>
    Sequential(Linear(inputs, 64), LayerNorm(64), GELU(), Linear(64, 64), LayerNorm(64), GELU(), Linear(64, outputs)));
var settings = new RunSettings
{
    Algorithm = "ppo",
    Environment = "CartPole-v1",
    TotalSteps = args is [var steps] ? long.Parse(steps) : 100_000,
    Optimizer = new() { Kind = OptimizerKind.Adam },
    PPO = new() { RolloutSteps = 64, MinibatchSize = 128 },
};

var result = await TrainingRun.StartAsync(settings, EnvCatalog.BuiltIn.Find(settings.Environment), happened =>
{
    if (happened is EvaluationReported evaluation)
        Console.WriteLine($"{evaluation.GlobalStep} steps: {evaluation.Result.Mean:0.0}");
}, network: network);
Console.WriteLine($"Best policy: {result.Best.Evaluate(100, seed: 1000).Mean:0.0}");
