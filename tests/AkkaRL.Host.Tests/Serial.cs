// The console, environment variables and loaded assemblies belong to the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
