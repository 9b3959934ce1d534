using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Where events of a schema can have a subject: in their properties and arguments whatever the type, in the arguments of a log by the names of its template's holes,
/// and in a field of an application's own type that has the property's name.
/// </summary>
sealed class SubjectFields
{
    sealed record OfType(Field[] Lists, Field[] Sets, Field[] Own, Field? Arguments, Field? Template, Field? AsyncId);

    readonly IReadOnlyList<Subject> subjects;
    readonly OfType[] types;
    readonly Dictionary<string, MessageTemplate> templates = new(StringComparer.Ordinal);

    // Property sets repeat from event to event: each is looked at once per block.
    readonly Dictionary<uint, bool> sets = [];
    Block? block;

    public SubjectFields(Schema schema, IReadOnlyList<Subject> subjects)
    {
        this.subjects = subjects;
        types = [.. schema.Types.Select(Of)];
    }

    /// <summary>The id of the async span that an event begins or ends; null for others.</summary>
    public ulong? AsyncId(in EventRecord record) => types[record.TypeIndex].AsyncId?.ReadU64(record.Body);

    public bool Matches(Block block, in EventRecord record)
    {
        var type = types[record.TypeIndex];
        foreach (var field in type.Lists)
            if (Matches(field.ReadProperties(record.Body))) return true;
        foreach (var field in type.Sets)
            if (MatchesSet(block, field.ReadReference(record.Body))) return true;
        foreach (var field in type.Own)
            foreach (var subject in subjects)
                if (subject.Property == field.Name && Texts(block, field, record.Body).Any(subject.MatchesText)) return true;
        return type.Arguments is { } arguments && MatchesArguments(block, type, arguments.ReadValues(record.Body), record);
    }

    public bool MatchesSet(Block block, uint reference)
    {
        if (!ReferenceEquals(block, this.block))
        {
            sets.Clear();
            this.block = block;
        }
        if (!sets.TryGetValue(reference, out var matches)) sets.Add(reference, matches = Matches(block.Dependencies.PropertySet(reference) ?? []));
        return matches;
    }

    public bool Matches(ReadOnlySpan<Property> properties)
    {
        foreach (var subject in subjects)
            if (subject.Matches(properties)) return true;
        return false;
    }

    bool MatchesArguments(Block block, OfType type, Value[] arguments, in EventRecord record)
    {
        if (arguments.Length == 0 || type.Template is null || block.Dependencies.Template(type.Template.ReadReference(record.Body)) is not { } template) return false;
        if (!templates.TryGetValue(template.Text, out var parsed)) templates.Add(template.Text, parsed = new MessageTemplate(template.Text));
        return Matches([.. parsed.Name(arguments)]);
    }

    /// <summary>The texts of a field's values: one, or those of an array's elements.</summary>
    static IEnumerable<string> Texts(Block block, Field field, ReadOnlySpan<byte> body) => field.Type switch
    {
        FieldType.String => [field.ReadString(body)],
        FieldType.StringReference => block.Dependencies.String(field.ReadReference(body)) is { } text ? [text] : [],
        FieldType.Bytes or FieldType.FixedBytes => [Convert.ToBase64String(field.ReadBytes(body))],
        FieldType.Values => [.. field.ReadValues(body).Select(Redaction.TextOf)],
        FieldType.Array when field.Element == FieldType.String => Strings(field.ReadBytes(body)),
        FieldType.Bool => [field.ReadU64(body) != 0 ? "true" : "false"],
        FieldType.F32 or FieldType.F64 => [Redaction.TextOf(field.ReadF64(body))],
        FieldType.U8 or FieldType.U16 or FieldType.U32 or FieldType.U64 => [Redaction.TextOf(Value.Of(field.ReadU64(body)))],
        FieldType.I8 or FieldType.I16 or FieldType.I32 or FieldType.I64 => [Redaction.TextOf(field.ReadI64(body))],
        _ => [],
    };

    static List<string> Strings(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "array of strings");
        var strings = new List<string>();
        while (reader.Remaining > 0) strings.Add(reader.String());
        return strings;
    }

    static OfType Of(EventType type)
    {
        var isOwn = !type.Name.StartsWith("legion.", StringComparison.Ordinal);
        var isAsync = type.Name is WellKnown.AsyncBegin or WellKnown.AsyncBeginDynamic or WellKnown.AsyncEnd or WellKnown.AsyncEndDynamic;
        return new OfType(
            [.. type.Fields.Where(field => field.Type == FieldType.Properties)],
            [.. type.Fields.Where(field => field.Type == FieldType.PropertySetReference)],
            isOwn ? [.. type.Fields.Where(field => field.Role is null)] : [],
            type.Name == WellKnown.Log && type.Find("arguments") is { Type: FieldType.Values } arguments ? arguments : null,
            type.Find("template") is { Type: FieldType.TemplateReference } template ? template : null,
            isAsync && type.Find("id") is { Type: FieldType.U64 } id ? id : null);
    }
}
