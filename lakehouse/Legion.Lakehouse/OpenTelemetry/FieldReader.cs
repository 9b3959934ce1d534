namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Reads the fields of a message in protobuf one after the other, whatever message it is.</summary>
ref struct FieldReader(ReadOnlySpan<byte> message)
{
    public const int Varint = 0, Fixed64 = 1, Sized = 2, Fixed32 = 5;

    ReadOnlySpan<byte> rest = message;

    /// <summary>Of the field that <see cref="Next"/> went to. One beyond what a field's number may be is -1.</summary>
    public int Number { get; private set; }

    public int WireType { get; private set; }

    /// <summary>The bytes of a field that has a length; of others nothing.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Why the bytes are no message; null where they may be one.</summary>
    public string? Fault { get; private set; }

    /// <returns>False at the end, or where there is a <see cref="Fault"/>.</returns>
    public bool Next()
    {
        if (rest.IsEmpty || Fault is not null || !TryVarint(out var tag)) return false;
        (Number, WireType) = (tag >> 3 <= int.MaxValue ? (int)(tag >> 3) : -1, (int)(tag & 7));
        Value = default;
        switch (WireType)
        {
            case Varint: return TryVarint(out _);
            case Fixed64: return TryTake(8, out _);
            case Fixed32: return TryTake(4, out _);
            case Sized:
                if (!TryVarint(out var length) || !TryTake(length, out var value)) return false;
                Value = value;
                return true;
            default:
                Fault = $"expected a field of wire type 0, 1, 2 or 5, saw {WireType}";
                return false;
        }
    }

    bool TryTake(ulong length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (length > (ulong)rest.Length)
        {
            Fault = $"expected {length} bytes of a field, saw {rest.Length}";
            return false;
        }
        taken = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << 7 * i;
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }
        Fault = "expected a varint of at most ten bytes, saw it go on";
        return false;
    }
}
