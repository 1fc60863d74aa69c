// Each run has as many workers as a small machine has cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
