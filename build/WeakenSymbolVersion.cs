// Compiled by the build (build/TorchSharpNative.targets), which has no implicit usings, and by the tests, which have.
#pragma warning disable IDE0005
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
#pragma warning restore IDE0005

namespace AkkaRL.Build;

/// <summary>Edits what an ELF library demands of the libraries it is loaded with.</summary>
/// <remarks>
/// Source: "Linux Standard Base Core Specification", symbol versioning: section <c>.gnu.version_r</c> is a list of Verneed records, one a
/// library, each with a list of Vernaux records, one a version. A version flagged weak may be missing when the library is loaded.
/// </remarks>
public static class SymbolVersions
{
    private const uint VersionNeeds = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort Weak = 2; // VER_FLG_WEAK

    /// <summary>Sets the weak flag wherever the 64-bit little-endian library <paramref name="elf"/> asks for <paramref name="version"/>.</summary>
    /// <returns>How many demands were weakened; 0 when the version is not asked for, or only weakly.</returns>
    /// <exception cref="InvalidDataException">This is no such library, or it is malformed.</exception>
    public static int Weaken(byte[] elf, string version)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F')
            throw new InvalidDataException("it does not start like an ELF file");
        if (elf[4] != 2 || elf[5] != 1)
            throw new InvalidDataException("only 64-bit little-endian ELF is understood");
        try
        {
            var weakened = 0;
            foreach (var demand in Demands(elf, version))
            {
                var flags = BitConverter.ToUInt16(elf, demand + 4);
                if ((flags & Weak) != 0)
                    continue;
                elf[demand + 4] |= (byte)Weak;
                weakened++;
            }
            return weakened;
        }
        catch (Exception e) when (e is ArgumentException || e is IndexOutOfRangeException || e is OverflowException)
        {
            throw new InvalidDataException("an offset in its section headers or version records points outside the file", e);
        }
    }

    /// <summary>Offsets of the Vernaux records { hash 4, flags 2, other 2, name 4, next 4 } that name the version.</summary>
    private static IEnumerable<int> Demands(byte[] elf, string version)
    {
        var (headers, headerSize, headerCount) = (Offset(elf, 40), BitConverter.ToUInt16(elf, 58), BitConverter.ToUInt16(elf, 60));
        for (var i = 0; i < headerCount; i++)
        {
            var header = headers + i * headerSize;
            if (BitConverter.ToUInt32(elf, header + 4) != VersionNeeds)
                continue;
            var names = Offset(elf, headers + Index(elf, header + 40) * headerSize + 24);
            var need = Offset(elf, header + 24);
            for (var needs = Index(elf, header + 44); needs > 0; needs--, need += Index(elf, need + 12))
            {
                var demand = need + Index(elf, need + 8);
                for (var demands = BitConverter.ToUInt16(elf, need + 2); demands > 0; demands--, demand += Index(elf, demand + 12))
                    if (Name(elf, names + Index(elf, demand + 8)) == version)
                        yield return demand;
            }
        }
    }

    private static int Offset(byte[] elf, int at) => checked((int)BitConverter.ToUInt64(elf, at));

    private static int Index(byte[] elf, int at) => checked((int)BitConverter.ToUInt32(elf, at));

    private static string Name(byte[] elf, int at) => Encoding.ASCII.GetString(elf, at, Array.IndexOf(elf, (byte)0, at) - at);
}

#if !WITHOUT_MSBUILD
/// <summary>MSBuild task: writes a copy of a library in which one symbol version is asked for only weakly.</summary>
public sealed class WeakenSymbolVersion : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string Source { get; set; }

    [Microsoft.Build.Framework.Required]
    public string Destination { get; set; }

    [Microsoft.Build.Framework.Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        try
        {
            var library = File.ReadAllBytes(Source);
            SymbolVersions.Weaken(library, Version);
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            // Output folders may be hard links to the destination: a new file takes its name, so that no linked file changes.
            var fresh = Destination + "." + Guid.NewGuid().ToString("N");
            File.WriteAllBytes(fresh, library);
            File.Delete(Destination);
            File.Move(fresh, Destination);
            return true;
        }
        catch (InvalidDataException e)
        {
            Log.LogError("{0} is not the library it should be: {1}. Delete its package from the package cache and restore again.", Source, e.Message);
            return false;
        }
    }
}
#endif
