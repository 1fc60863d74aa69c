// Every test starts actor systems; in parallel they would starve each other on a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
