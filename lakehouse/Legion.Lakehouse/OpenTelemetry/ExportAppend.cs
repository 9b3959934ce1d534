using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Appends export requests to a lake: redacted, divided by resource, each resource under the ids that stand for it.</summary>
/// <param name="redaction">What is not to be written into any block.</param>
sealed class ExportAppend(LakeStore lake, TimeProvider clock, Redaction redaction)
{
    const long NsPerMillisecond = 1_000_000;

    readonly BlockAppend append = new(lake, clock);

    /// <summary>What is redacted must be known: fields that nobody here can look into are then left out.</summary>
    public bool KeepsUnknown => redaction.Drop.Count + redaction.Hash.Count == 0;

    /// <summary>Makes blocks of a request.</summary>
    /// <param name="name">Names the request and no other: the ids of the blocks follow from it.</param>
    /// <param name="timeMs">The time that the ids have, milliseconds since the Unix epoch; null for that of the first event.</param>
    /// <param name="receivedNs">The time of events that name none.</param>
    /// <exception cref="InvalidDataException">The request is larger than a block may be.</exception>
    public async Task AddAsync(Tenant tenant, Guid name, long? timeMs, long receivedNs, IMessage request, ExportBatch batch, CancellationToken cancellation)
    {
        if (!KeepsUnknown) ExportRedaction.Apply(redaction, request);
        foreach (var export in ResourceExport.Divide(request, receivedNs))
        {
            var process = await lake.Catalog.AddResourceAsync(tenant, NewResource(export), receivedNs, cancellation);
            batch.Add(export, process, BlockIdOf(name, timeMs ?? export.FirstNs / NsPerMillisecond, export), receivedNs);
        }
    }

    /// <summary>Appends the blocks of the batch, which stays as it is.</summary>
    public async Task<AppendAnswer> AppendAsync(Tenant tenant, ExportBatch batch, CancellationToken cancellation)
    {
        var answer = await append.AppendAsync(tenant, batch.Items, cancellation);
        // They were made here, so that this is no fault of who sent them.
        if (answer.Blocks.FirstOrDefault(block => block.Code is BlockCode.Refused or BlockCode.Missing) is { } refused)
            throw new InvalidOperationException($"expected block {refused.BlockId} to be stored, saw {refused.Code}: {refused.Reason}");
        return answer;
    }

    ResourceRow NewResource(ResourceExport export)
    {
        var now = clock.GetUtcNow();
        return new ResourceRow(export.Resource.Digest, Guid.CreateVersion7(now), Guid.CreateVersion7(now), Guid.CreateVersion7(now), Guid.CreateVersion7(now), export.EarliestNs);
    }

    /// <summary>An id of version 7: the same whoever makes it, and another for each resource of a request.</summary>
    static Guid BlockIdOf(Guid name, long timeMs, ResourceExport export)
    {
        Span<byte> bytes = stackalloc byte[16 + SHA256.HashSizeInBytes];
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        name.TryWriteBytes(bytes, bigEndian: true, out _);
        export.Resource.Digest.CopyTo(bytes[16..]);
        SHA256.HashData(bytes, id);
        BinaryPrimitives.WriteUInt16BigEndian(id, (ushort)(timeMs >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(id[2..], (uint)timeMs);
        id[6] = (byte)(id[6] & 0x0F | 0x70);
        id[8] = (byte)(id[8] & 0x3F | 0x80);
        return new Guid(id[..16], bigEndian: true);
    }
}
