namespace Legion.Format;

/// <summary>
/// Name, version and memory layout of one kind of event.
/// <paramref name="Size"/> is the bytes of every event of the type, or 0 where each carries its own length.
/// Names that begin with <c>legion.</c> are those of <see cref="WellKnown"/>; all others are an application's own.
/// </summary>
public sealed record EventType(string Name, uint Version, int Size, IReadOnlyList<Field> Fields)
{
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    public bool IsVariable => Size == 0;

    /// <summary>Bytes every event of the type has at least: where the last field's fixed part ends.</summary>
    public int FixedBytes { get; } = Size != 0 ? Size : Fields.Count == 0 ? 0 : Fields.Max(field => field.Offset + field.Size);

    /// <summary>True for the record of lost events, which has no ordinal of its own.</summary>
    public bool IsGap { get; } = Name == WellKnown.Gap;

    /// <summary>Where a gap record says how many events were lost; found once, because the walk over a block's events needs it for each.</summary>
    internal Field? LostEvents { get; } = Name == WellKnown.Gap ? Fields.FirstOrDefault(field => field.Name == "events") : null;

    /// <summary>The first tick with the role <see cref="FieldRole.Time"/>, or null; in columns it goes with those of all other types.</summary>
    internal Field? Time { get; } = Fields.FirstOrDefault(field => field.Type == FieldType.Tick && field.Role == FieldRole.Time);

    /// <summary>True unless a variable field overlaps another field: what such a row holds cannot be put together from its fields.</summary>
    internal bool FitsColumns { get; } = VariableFieldsStandAlone(Fields);

    /// <summary>The field of this name, or null: a missing field reads as null.</summary>
    public Field? Find(string name)
    {
        foreach (var field in Fields)
            if (field.Name == name) return field;
        return null;
    }

    /// <summary>The field with this role, or null.</summary>
    public Field? FindRole(string role)
    {
        foreach (var field in Fields)
            if (field.Role == role) return field;
        return null;
    }

    internal void Check()
    {
        if (Name.Length == 0) throw Bad("a name", "none");
        if (Size < 0 || FixedBytes > FormatLimits.MaxFixedBytes) throw Bad($"at most {FormatLimits.MaxFixedBytes} fixed bytes", $"{FixedBytes}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        CheckAttributes(Attributes);
        foreach (var field in Fields)
        {
            CheckAttributes(field.Attributes);
            if (field.Name.Length == 0 || !names.Add(field.Name)) throw Bad("field names that are given and unique", $"'{field.Name}'");
            var size = FieldTypes.FixedSize(field.Type);
            if (size < 0) throw Bad("a known field type", $"{(int)field.Type} in field {field.Name}");
            if (size > 0 && field.Size != size) throw Bad($"{size} bytes for {field.Type} field {field.Name}", $"{field.Size}");
            if (field.Type == FieldType.Enum && field.Size is not (1 or 2 or 4 or 8)) throw Bad($"1, 2, 4 or 8 bytes for enum {field.Name}", $"{field.Size}");
            if (field.Size <= 0 || field.Offset < 0 || (long)field.Offset + field.Size > FixedBytes)
                throw Bad($"field {field.Name} within {FixedBytes} bytes", $"offset {field.Offset}, size {field.Size}");
            if (FieldTypes.IsVariable(field.Type) && !IsVariable) throw Bad($"size 0 for a type with the variable field {field.Name}", $"{Size}");
            if (field.Type == FieldType.Array ? !FieldTypes.IsElement(field.Element) : field.Element != 0)
                throw Bad("an element type for arrays and none for others", $"{(int)field.Element} in field {field.Name}");
        }
    }

    static bool VariableFieldsStandAlone(IReadOnlyList<Field> fields)
    {
        long end = 0, variableEnd = 0;
        foreach (var field in fields.OrderBy(field => field.Offset))
        {
            var isVariable = FieldTypes.IsVariable(field.Type);
            if (field.Offset < (isVariable ? end : variableEnd)) return false;
            end = Math.Max(end, (long)field.Offset + field.Size);
            if (isVariable) variableEnd = end;
        }
        return true;
    }

    void CheckAttributes(IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        if (attributes.Count == 0) return;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, _) in attributes)
            if (key.Length == 0 || !System.Text.Ascii.IsValid(key) || !keys.Add(key)) throw Bad("unique attribute keys in ASCII", $"'{key}'");
    }

    InvalidDataException Bad(string expected, string seen) => new($"event type '{Name}': expected {expected}, saw {seen}");
}
