namespace Legion.Format;

/// <summary>How the values of one column are written. The numbers are those of the wire; FORMAT.md, "Events in encoding 1", says what each takes.</summary>
enum ColumnCoding : byte
{
    /// <summary>Each value as in a row.</summary>
    Plain = 0,

    /// <summary>One value, as in a row, that all events of the type have; of a variable field its bytes.</summary>
    Constant = 1,

    /// <summary>Integers as <see cref="Varint"/>, signed ones in zigzag, references one higher, so that none is 0; of a variable field the length so, then the bytes.</summary>
    Varint = 2,

    /// <summary>Integers as the zigzag of the difference to the value before.</summary>
    Delta = 3,

    /// <summary>Floats: whole numbers as twice their zigzag; any other as a 1 and its eight bytes.</summary>
    Number = 4,
}
