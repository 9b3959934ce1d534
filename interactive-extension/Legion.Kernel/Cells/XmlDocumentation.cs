using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Xml;
using Microsoft.CodeAnalysis;

namespace Legion.Kernel.Cells;

/// <summary>What XML files of documentation say of an assembly's members. They are read when somebody asks.</summary>
/// <param name="files">Full paths; the first that knows a member speaks.</param>
sealed class XmlDocumentation(IReadOnlyList<string> files) : DocumentationProvider
{
    static readonly string RuntimeFolder = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());

    // Where a member of the runtime's innermost assembly is mostly documented.
    static readonly string[] UsualNames = ["System.Runtime", "System.Collections", "System.Threading", "System.Memory"];

    // Of the runtime, which has none itself: an SDK beside it has them with the assemblies that are compiled against.
    static readonly Lazy<IReadOnlyList<string>> RuntimeFiles = new(FindRuntimeFiles);

    static readonly ConcurrentDictionary<string, Lazy<Dictionary<string, string>>> Known = new();

    /// <summary>Of the file of the same name beside the assembly, or of the SDK's for one of the runtime; null where there is neither.</summary>
    public static XmlDocumentation? Of(string assembly)
    {
        var beside = Path.ChangeExtension(assembly, ".xml");
        if (File.Exists(beside))
            return new([beside]);
        if (Path.GetDirectoryName(assembly) != RuntimeFolder)
            return null;
        var name = Path.GetFileName(beside);
        // The types of an assembly that nobody compiles against are documented under the names of many others.
        return RuntimeFiles.Value.FirstOrDefault(file => Path.GetFileName(file) == name) is { } one ? new([one])
            : name.StartsWith("System.Private.", StringComparison.Ordinal) && RuntimeFiles.Value.Count > 0 ? new(RuntimeFiles.Value)
            : null;
    }

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    protected override string? GetDocumentationForSymbol(string documentationMemberID, CultureInfo preferredCulture, CancellationToken cancellationToken = default) =>
        files.Select(file => Known.GetOrAdd(file, static path => new(() => Read(path))).Value.GetValueOrDefault(documentationMemberID))
            .FirstOrDefault(text => text is not null);

    // A file that breaks off, or is none, documents what could be read of it.
    static Dictionary<string, string> Read(string file)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var reader = XmlReader.Create(file);
            reader.Read();
            while (!reader.EOF)
            {
                // Reading the inside of a member moves to what follows it, which may be the next one.
                if (reader is { NodeType: XmlNodeType.Element, Name: "member" } && reader.GetAttribute("name") is { } name)
                    members[name] = reader.ReadInnerXml();
                else
                    reader.Read();
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            return members;
        }
        return members;
    }

    static IReadOnlyList<string> FindRuntimeFiles()
    {
        var packs = Path.GetFullPath(Path.Combine(RuntimeFolder, "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref"));
        if (!Directory.Exists(packs))
            return [];
        var framework = $"net{Environment.Version.Major}.{Environment.Version.Minor}";
        return Directory.EnumerateDirectories(packs)
            .Select(pack => Path.Combine(pack, "ref", framework))
            .Where(Directory.Exists)
            .Take(1)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.xml"))
            .OrderBy(file => Array.IndexOf(UsualNames, Path.GetFileNameWithoutExtension(file)) is >= 0 and var place ? place : UsualNames.Length)
            .ThenBy(file => file, StringComparer.Ordinal)
            .ToList();
    }
}
