using System.Buffers.Binary;
using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>Writes a block anew without what a plan takes: ordinals, ids, ticks and the clock stay, and of strings and property sets what the rest refers to.</summary>
sealed class BlockRewrite
{
    readonly Block block;
    readonly Schema schema;
    readonly BlockWriter writer;
    readonly int gapType;
    readonly Field[][] references;
    Gap pending;
    uint kept;

    BlockRewrite(Block block, Schema schema, Schema written)
    {
        this.block = block;
        this.schema = schema;
        writer = new BlockWriter(written, (BlockEncoding)block.Header.Encoding);
        gapType = written.IndexOf(WellKnown.Gap);
        references = [.. schema.Types.Select(type => type.Fields.Where(field => field.Type is >= FieldType.SiteReference and <= FieldType.PropertySetReference).ToArray())];
    }

    /// <summary>The schema of what is written: an application's own may lack the type of gap records.</summary>
    public static Schema SchemaFor(Schema schema) => schema.Types.Any(type => type.IsGap) ? schema : new Schema([.. schema.Types, GapEvent.Type]);

    /// <param name="plan">Of this very block.</param>
    public static byte[] Apply(Block block, Schema schema, EventPlan plan) => new BlockRewrite(block, schema, SchemaFor(schema)).Run(plan);

    byte[] Run(EventPlan plan)
    {
        var header = block.Header;
        var spans = new List<OpenSpan>();
        for (var i = 0; i < header.OpenSpans.Count; i++)
        {
            var span = header.OpenSpans[i];
            if (!plan.KeptSpans[i]) continue;
            spans.Add(span with
            {
                Site = SiteOf(span.Site),
                ContextDepth = (uint)plan.KeptContexts.Take((int)span.ContextDepth).Count(isKept => isKept),
                ChildTicks = span.ChildTicks + plan.ChildTicks.GetValueOrDefault(span.Ordinal),
            });
        }
        var contexts = header.OpenContexts.Where((_, i) => plan.KeptContexts[i]).Select(SetOf).ToArray();

        var reader = block.ReadEvents(schema);
        for (var i = 0; reader.Next(); i++)
        {
            var record = reader.Current;
            var verdict = plan.Verdicts[i];
            if (verdict is Verdict.Keep or Verdict.EraseBegin) WriteGap();
            if (verdict == Verdict.Keep) Keep(record);
            else Erase(record, verdict == Verdict.EraseEnd);
        }
        WriteGap();
        return writer.Finish(header with { Events = kept, OpenSpans = spans, OpenContexts = contexts });
    }

    void Keep(in EventRecord record)
    {
        var type = (ushort)record.TypeIndex;
        var position = writer.Begin(type);
        writer.Events.Bytes(record.Body);
        foreach (var field in references[type]) writer.Events.PatchU32(position + field.Offset, ReferenceOf(field, record.Body));
        writer.End(type, position);
        if (!record.Type.IsGap) kept++;
    }

    void Erase(in EventRecord record, bool ends)
    {
        var time = record.Type.FindRole(FieldRole.Time) ?? (record.Type.Find("tick") is { Type: FieldType.Tick } tick ? tick : null);
        var at = time?.ReadU64(record.Body) ?? block.Header.FirstTick;
        if (pending.Events == 0) pending = new Gap(at, at, 0, 0, GapReason.Erased);
        pending = pending with { Events = pending.Events + 1, Bytes = pending.Bytes + (ulong)record.Body.Length };
        if (!ends) return;
        pending = pending with { EndTick = at };
        WriteGap();
    }

    void WriteGap()
    {
        if (pending.Events == 0) return;
        var type = writer.Schema.Types[gapType];
        var body = new byte[type.FixedBytes];
        Put(type.Find("tick"), pending.BeginTick);
        Put(type.Find("end_tick"), pending.EndTick);
        Put(type.Find("events"), pending.Events);
        Put(type.Find("bytes"), pending.Bytes);
        Put(type.Find("reason"), (ulong)pending.Reason);
        var position = writer.Begin((ushort)gapType);
        writer.Events.Bytes(body);
        writer.End((ushort)gapType, position);
        pending = default;

        void Put(Field? field, ulong value)
        {
            if (field is null) return;
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            bytes[..Math.Min(field.Size, bytes.Length)].CopyTo(body.AsSpan(field.Offset));
        }
    }

    uint ReferenceOf(Field field, ReadOnlySpan<byte> body)
    {
        var reference = field.ReadReference(body);
        return field.Type switch
        {
            FieldType.SiteReference => SiteOf(reference),
            FieldType.TemplateReference => block.Dependencies.Template(reference) is { } template ? writer.Dependencies.Template(template) : reference,
            FieldType.StringReference => block.Dependencies.String(reference) is { } text ? writer.Dependencies.String(text) : reference,
            _ => SetOf(reference),
        };
    }

    uint SiteOf(uint reference) => block.Dependencies.Site(reference) is { } site ? writer.Dependencies.Site(site) : reference;

    uint SetOf(uint reference) => block.Dependencies.PropertySet(reference) is { } set ? writer.Dependencies.PropertySet(set) : reference;
}
