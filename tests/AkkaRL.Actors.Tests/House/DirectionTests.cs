using System.Reflection;
using System.Xml.Linq;
using AkkaRL.Actors.Tests.Kit;
using AkkaRL.Actors.Training;
using AkkaRL.Envs;
using AkkaRL.Models.Networks;
using AkkaRL.Models.Networks.Torch;

namespace AkkaRL.Actors.Tests.House;

/// <summary>Who may know whom.</summary>
public class DirectionTests
{
    [Theory]
    [InlineData("src/Envs/AkkaRL.Envs.csproj", new string[0], new string[0])]
    [InlineData("src/Models/AkkaRL.Models.csproj", new string[0], new[] { "TorchSharp-cpu", "System.Numerics.Tensors" })]
    [InlineData("src/Actors/AkkaRL.Actors.csproj", new[] { "AkkaRL.Envs", "AkkaRL.Models" }, null)]
    [InlineData("src/Host/AkkaRL.Host.csproj", new[] { "AkkaRL.Actors" }, null)]
    public void A_project_references_only_what_lies_below_it(string project, string[] projects, string[]? packages)
    {
        var file = XDocument.Parse(Repository.Read(project));
        Assert.Equal(projects, Includes("ProjectReference").Select(Path.GetFileNameWithoutExtension));
        if (packages is not null)
            Assert.Equal(packages, Includes("PackageReference"));

        IEnumerable<string> Includes(string kind) =>
            file.Descendants(kind).Select(reference => (string)reference.Attribute("Include")!);
    }

    [Fact]
    public void Envs_and_models_know_neither_each_other_nor_akka()
    {
        foreach (var assembly in (Assembly[])[typeof(IEnv).Assembly, typeof(INetwork).Assembly])
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), known => known.Name!.StartsWith("Akka", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_above_models_can_name_a_tensor()
    {
        Assert.DoesNotContain(typeof(RunSettings).Assembly.GetReferencedAssemblies(), known => known.Name == "TorchSharp");
        var torch = XDocument.Parse(Repository.Read("src/Models/AkkaRL.Models.csproj")).Descendants("PackageReference")
            .Single(reference => (string?)reference.Attribute("Include") == "TorchSharp-cpu");
        Assert.Equal("compile", (string?)torch.Attribute("PrivateAssets"));
    }

    /// <summary>But for the one class that takes a module from a user who references TorchSharp himself.</summary>
    [Fact]
    public void The_public_face_of_models_shows_no_tensor()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var leaks =
            from type in typeof(INetwork).Assembly.GetExportedTypes()
            where type != typeof(TorchModule)
            from member in type.GetMembers(All)
            from shown in Shown(member)
            from part in Parts(shown)
            where part.Assembly.GetName().Name == "TorchSharp"
            select $"{type.Name}.{member.Name} shows {part.Name}";
        Assert.Empty(leaks);
    }

    private static IEnumerable<Type> Shown(MemberInfo member) => member switch
    {
        MethodBase { IsPrivate: false, IsAssembly: false } method =>
            [.. method.GetParameters().Select(parameter => parameter.ParameterType), .. method is MethodInfo { ReturnType: var result } ? [result] : Type.EmptyTypes],
        FieldInfo { IsPrivate: false, IsAssembly: false } field => [field.FieldType],
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(Parts).Append(type);
}
