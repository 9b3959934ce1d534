using Legion.Format;

namespace Legion.Sdk;

/// <summary>A user-defined event: its schema, and how its records turn into events of it.</summary>
sealed class EventShape
{
    /// <summary>What every event of a merged stream has before its own fields: tick, thread id, thread, properties.</summary>
    public const int PrefixBytes = 24;

    /// <summary>Index of the event's type in <see cref="Schema"/>; that of the gap record is the next.</summary>
    public const ushort TypeIndex = 0, GapIndex = 1;

    static readonly Lock appending = new();
    static EventShape[] byId = [];
    static DefinitionFile? kept;

    public EventShape(uint id, Schema schema, int fixedBytes, int[] textOffsets)
    {
        Id = id;
        Schema = schema;
        Name = schema.Types[TypeIndex].Name;
        FixedBytes = fixedBytes;
        TextOffsets = textOffsets;
    }

    public uint Id { get; }
    public string Name { get; }
    public Schema Schema { get; }

    /// <summary>Bytes of the fields of fixed size.</summary>
    public int FixedBytes { get; }

    /// <summary>Where the fixed parts of the strings lie in the event.</summary>
    public int[] TextOffsets { get; }

    /// <summary>The shape with the id, which a record named; null where there is none.</summary>
    public static EventShape? TryGet(uint id) => Volatile.Read(ref byId) is var shapes && id < (uint)shapes.Length ? shapes[id] : null;

    /// <summary>The shape of an event type: equal descriptions share one, also where the type itself was unloaded and loaded again.</summary>
    public static EventShape Of(string name, uint version, IReadOnlyList<EventField> members)
    {
        var offset = PrefixBytes;
        var offsets = new int[members.Count];
        Place(text: false);
        var fixedBytes = offset - PrefixBytes;
        var firstText = offset;
        Place(text: true);

        var fields = new List<Field>
        {
            Prefix("tick", FieldType.Tick, 0, FieldRole.Time),
            Prefix("thread_id", FieldType.U64, 8, FieldRole.ThreadId),
            Prefix("thread", FieldType.StringReference, 16, FieldRole.Thread),
            Prefix("properties", FieldType.PropertySetReference, 20, FieldRole.Properties),
        };
        fields.AddRange(members.Zip(offsets, (member, at) => new Field(member.Name, member.Type, at, member.Bytes) { Attributes = AttributesOf(member) }));
        var isVariable = offset > firstText;
        var schema = new Schema([new EventType(name, version, isVariable ? 0 : offset, fields), GapEvent.Type]);
        return Add(schema, fixedBytes, [.. offsets.Where(at => at >= firstText).Order()]);

        void Place(bool text)
        {
            for (var i = 0; i < offsets.Length; i++)
            {
                if (members[i].Type == FieldType.String != text) continue;
                offsets[i] = offset;
                offset += members[i].Bytes;
            }
        }

        // A field that every event of a merged stream has; a member of the program's own keeps its name.
        Field Prefix(string name, FieldType type, int at, string role) =>
            new(members.Any(member => member.Name == name) ? "_" + name : name, type, at, FieldTypes.FixedSize(type)) { Attributes = [new("role", role)] };
    }

    /// <summary>Keeps all shapes in the file, those to come as well.</summary>
    public static void Keep(DefinitionFile file)
    {
        lock (appending)
        {
            foreach (var shape in byId) file.Add(shape);
            kept = file;
        }
    }

    /// <summary>Ends that, unless another recording's file is kept by now.</summary>
    public static void StopKeeping(DefinitionFile file)
    {
        lock (appending)
        {
            if (kept == file) kept = null;
        }
    }

    static EventShape Add(Schema schema, int fixedBytes, int[] textOffsets)
    {
        lock (appending)
        {
            foreach (var known in byId)
                if (known.Schema.Hash == schema.Hash) return known;
            var shape = new EventShape((uint)byId.Length, schema, fixedBytes, textOffsets);
            kept?.Add(shape);
            Volatile.Write(ref byId, [.. byId, shape]);
            return shape;
        }
    }

    static List<KeyValuePair<string, string>> AttributesOf(EventField member)
    {
        var attributes = new List<KeyValuePair<string, string>>();
        if (member.Unit is { } unit) attributes.Add(new("unit", unit));
        if (member.Values is { } values) attributes.Add(new("values", values));
        return attributes;
    }
}

/// <summary>The shape of an event type that the source generator has described.</summary>
static class GeneratedShape<T, TFields> where T : struct where TFields : struct, IEventFields<T>
{
    public static readonly uint Id = EventShape.Of(TFields.Name, TFields.Version, TFields.Fields).Id;

    public static readonly WriteBody<T> Write = static (in T value, ref RecordWriter writer) =>
    {
        var fields = new EventFieldWriter(writer);
        TFields.Write(value, ref fields);
        writer = fields.Record;
    };
}
