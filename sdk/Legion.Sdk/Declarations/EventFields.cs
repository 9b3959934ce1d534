using System.ComponentModel;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>What the source generator writes for an event type of the program's: its description, and how its values become a record.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IEventFields<T> where T : struct
{
    static abstract string Name { get; }

    static abstract uint Version { get; }

    /// <summary>In order of declaration, fields before properties.</summary>
    static abstract EventField[] Fields { get; }

    /// <summary>Reads all members first and writes them then, as a property's getter may record events itself: first those of fixed size, then the strings.</summary>
    static abstract void Write(in T value, ref EventFieldWriter writer);
}

/// <summary>A member of an event type.</summary>
/// <param name="EnumBytes">Size of an enumeration's values; 0 for other types.</param>
/// <param name="Unit">What it is counted in, or null.</param>
/// <param name="Values">An enumeration's <c>name=1,other=2</c>, or null.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct EventField(string Name, FieldType Type, int EnumBytes = 0, string? Unit = null, string? Values = null)
{
    internal int Bytes => EnumBytes > 0 ? EnumBytes : FieldTypes.FixedSize(Type);
}

/// <summary>Takes the values of one event's members.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct EventFieldWriter
{
    RecordWriter record;

    internal EventFieldWriter(RecordWriter record) => this.record = record;

    internal readonly RecordWriter Record => record;

    /// <summary>All members of fixed size, without padding between them.</summary>
    public void Fixed<TFixed>(in TFixed members) where TFixed : unmanaged => record.Fixed(MemoryMarshal.AsBytes(new ReadOnlySpan<TFixed>(in members)));

    public void Text(string? member) => record.Text(member);
}
