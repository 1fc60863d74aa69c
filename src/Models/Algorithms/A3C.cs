namespace AkkaRL.Models.Algorithms;

/// <summary>Asynchronous advantage actor-critic.</summary>
public sealed class A3C;
