// Tests that count a thread's allocations run alone: a collection that another thread's test causes would count the rest of this thread's
// allocation context, some kilobytes, as allocated.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
