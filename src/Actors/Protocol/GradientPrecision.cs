using System.Runtime.Serialization;

namespace AkkaRL.Actors.Protocol;

/// <summary>How exactly a node sends what its workers' gradients have changed.</summary>
public enum GradientPrecision
{
    /// <summary>32 bits a parameter, as it is.</summary>
    Full,

    /// <summary>16 bits a parameter.</summary>
    Half,

    /// <summary>8 bits a parameter, and 32 for each 256 of them.</summary>
    [EnumMember(Value = "eight-bit")]
    EightBit,
}
