// One cluster at a time: the machine is small, and the faults are of the whole network and database.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
