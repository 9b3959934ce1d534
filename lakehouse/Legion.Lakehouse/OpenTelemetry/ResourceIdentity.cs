using System.Security.Cryptography;
using Google.Protobuf;
using Legion.Format;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>A resource of OpenTelemetry, which stands for a process: exporters send its attributes with everything, and no id.</summary>
sealed class ResourceIdentity
{
    readonly KeyValueList attributes;

    ResourceIdentity(KeyValueList attributes)
    {
        this.attributes = attributes;
        Digest = SHA256.HashData(attributes.ToByteArray());
        DigestText = Convert.ToHexStringLower(Digest);
    }

    /// <summary>SHA-256 of the attributes, sorted by key.</summary>
    public byte[] Digest { get; }

    public string DigestText { get; }

    public static ResourceIdentity Of(Resource? resource)
    {
        var sorted = new KeyValueList();
        foreach (var group in (resource?.Attributes ?? []).GroupBy(attribute => attribute.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            sorted.Values.Add(group.Last());
        return new ResourceIdentity(sorted);
    }

    /// <summary>The record of the process, as the semantic conventions for resources name what it says.</summary>
    /// <param name="lastSeenNs">The version follows from it.</param>
    public ProcessRecord Record(Guid processId, long startNs, long lastSeenNs) => new()
    {
        ProcessId = processId,
        Version = (ulong)lastSeenNs,
        Exe = First("service.name", "process.executable.name"),
        User = First("process.owner"),
        Computer = First("host.name", "k8s.node.name", "host.id"),
        Os = Joined("os.name", "os.version") is { Length: > 0 } name ? name : First("os.description", "os.type"),
        Cpu = First("host.cpu.model.name", "host.arch"),
        Runtime = Joined("process.runtime.name", "process.runtime.version") is { Length: > 0 } runtime ? runtime : First("telemetry.sdk.language"),
        StartNs = startNs,
        LastSeenNs = lastSeenNs,
        Properties = [.. attributes.Values.Select(attribute => new Property(attribute.Key, AttributeJson.ValueOf(attribute.Value)))],
    };

    string First(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            if (AttributeJson.Text(attributes.Values, key) is { Length: > 0 } text) return text;
        return "";
    }

    string Joined(string first, string second) => $"{First(first)} {First(second)}".Trim();
}
