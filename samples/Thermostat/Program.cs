using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using Thermostat;

var env = EnvCatalog.BuiltIn.WithAssembly(typeof(ThermostatEnv).Assembly).Find("Thermostat-v0");
var settings = new RunSettings
{
    Environment = env.Id,
    TotalSteps = args is [var steps] ? long.Parse(steps) : 100_000,
    A3C = new() { Gamma = 0.9 },
};

var result = await TrainingRun.StartAsync(settings, env, happened =>
{
    if (happened is EvaluationReported evaluation)
        Console.WriteLine($"{evaluation.GlobalStep} steps: {evaluation.Result.Mean:0.0}");
});
Console.WriteLine($"Best policy: {result.Best.Evaluate(100, seed: 1000).Mean:0.0}");
