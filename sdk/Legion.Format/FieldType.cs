namespace Legion.Format;

/// <summary>What a field holds. The numbers are those of the wire.</summary>
public enum FieldType : byte
{
    U8 = 1,
    U16 = 2,
    U32 = 3,
    U64 = 4,
    I8 = 5,
    I16 = 6,
    I32 = 7,
    I64 = 8,
    F32 = 9,
    F64 = 10,

    /// <summary>One byte; 0 is false.</summary>
    Bool = 11,

    /// <summary>u64, a reading of the process's clock.</summary>
    Tick = 12,

    /// <summary>i64, a number of ticks: a duration.</summary>
    TickDelta = 13,

    /// <summary>Unsigned integer of 1, 2, 4 or 8 bytes; the attribute <c>values</c> names its values as <c>name=1,other=2</c>.</summary>
    Enum = 14,

    /// <summary>UTF-8, in the variable part of the event.</summary>
    String = 15,

    /// <summary>Bytes, in the variable part of the event.</summary>
    Bytes = 16,

    /// <summary>Bytes of the field's size, in place.</summary>
    FixedBytes = 17,

    /// <summary>Elements of the field's element type, in the variable part of the event.</summary>
    Array = 18,

    /// <summary>u32 count and tagged values (<see cref="Value"/>), in the variable part of the event.</summary>
    Values = 19,

    /// <summary>A property list (<see cref="Property"/>), in the variable part of the event.</summary>
    Properties = 20,

    /// <summary>u32 into the block's table of sites.</summary>
    SiteReference = 21,

    /// <summary>u32 into the block's table of templates.</summary>
    TemplateReference = 22,

    /// <summary>u32 into the block's table of strings.</summary>
    StringReference = 23,

    /// <summary>u32 into the block's table of property sets.</summary>
    PropertySetReference = 24,
}

/// <summary>Sizes that follow from a <see cref="FieldType"/>.</summary>
public static class FieldTypes
{
    /// <summary>Bytes a field of the type takes in the fixed part of an event; 0 where the schema gives the size (<see cref="FieldType.Enum"/>, <see cref="FieldType.FixedBytes"/>); -1 for an unknown type.</summary>
    public static int FixedSize(FieldType type) => type switch
    {
        FieldType.U8 or FieldType.I8 or FieldType.Bool => 1,
        FieldType.U16 or FieldType.I16 => 2,
        FieldType.U32 or FieldType.I32 or FieldType.F32 => 4,
        FieldType.U64 or FieldType.I64 or FieldType.F64 or FieldType.Tick or FieldType.TickDelta => 8,
        FieldType.SiteReference or FieldType.TemplateReference or FieldType.StringReference or FieldType.PropertySetReference => 4,
        FieldType.Enum or FieldType.FixedBytes => 0,
        _ when IsVariable(type) => 8,
        _ => -1,
    };

    /// <summary>True for types whose fixed part is a u32 offset and a u32 length in bytes, both within the event.</summary>
    public static bool IsVariable(FieldType type) => type is >= FieldType.String and <= FieldType.Properties and not FieldType.FixedBytes;

    /// <summary>True for numbers without a fraction, and for what is kept as one: bool, enum, ticks, references.</summary>
    public static bool IsInteger(FieldType type) =>
        type is (>= FieldType.U8 and <= FieldType.I64) or (>= FieldType.Bool and <= FieldType.Enum) || IsReference(type);

    /// <summary>True for integers that may be negative.</summary>
    public static bool IsSigned(FieldType type) => type is (>= FieldType.I8 and <= FieldType.I64) or FieldType.TickDelta;

    /// <summary>True for references into a table of the block's dependencies.</summary>
    public static bool IsReference(FieldType type) => type is >= FieldType.SiteReference and <= FieldType.PropertySetReference;

    /// <summary>True for what an array may consist of: fixed-size values, or strings (each a u32 length and UTF-8).</summary>
    public static bool IsElement(FieldType type) => type is (>= FieldType.U8 and <= FieldType.TickDelta) or FieldType.String;
}
