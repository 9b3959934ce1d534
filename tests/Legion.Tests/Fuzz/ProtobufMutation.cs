namespace Legion.Tests.Fuzz;

/// <summary>
/// Damages a message of protobuf, by a seeded random, where its structure is: fields go, come twice, move, get another number, wire type or an extreme value,
/// at any depth; the lengths around them are right again afterwards.
/// </summary>
sealed class ProtobufMutation(Random random)
{
    const int Varint = 0, Fixed64 = 1, Sized = 2, Fixed32 = 5;

    /// <summary>Deeper than messages of OpenTelemetry are.</summary>
    const int MostDepth = 16;

    static readonly ulong[] extremes = [0, 1, 0x7f, 0x80, int.MaxValue, uint.MaxValue, long.MaxValue, 1ul << 63, ulong.MaxValue];

    static readonly byte[] hostileText = [0xff, 0xfe, 0, 0x22, 0x3c, 0xc0, 0xaf, 0xed, 0xa0, 0x80];

    /// <param name="Content">What follows the tag, without the length of what is sized.</param>
    /// <param name="Fields">Those inside; null where there are none.</param>
    sealed record Field(ulong Number, int Wire, byte[] Content, List<Field>? Fields);

    /// <summary>The message after one to four changes.</summary>
    public byte[] Of(byte[] message)
    {
        var fields = Parse(message, 0) ?? [];
        for (var changes = random.Next(1, 5); changes > 0; changes--) Once(fields);
        return Write(fields);
    }

    void Once(List<Field> fields)
    {
        // Down to any depth, each as likely as the others.
        while (fields.Where(field => field.Fields is { Count: > 0 }).ToArray() is { Length: > 0 } deeper && random.Next(6) != 0) fields = deeper[random.Next(deeper.Length)].Fields!;
        if (fields.Count == 0)
        {
            fields.Add(Made());
            return;
        }
        var at = random.Next(fields.Count);
        var field = fields[at];
        switch (random.Next(9))
        {
            case 0: fields.RemoveAt(at); break;
            case 1: fields.Insert(random.Next(fields.Count), field); break;
            case 2: fields.Insert(at, Made()); break;
            case 3: fields[at] = field with { Number = (ulong)random.Next(1, 40) }; break;
            case 4: fields[at] = Value((int)field.Number); break;
            case 5: fields.Add(Nested(field, random.Next(1, 200))); break;
            case 6: fields.AddRange(Enumerable.Repeat(field, random.Next(1, 100))); break;
            case 7: (fields[at], fields[0]) = (fields[0], fields[at]); break;
            default: fields[at] = field with { Content = Bytes(field.Content), Fields = null }; break;
        }
    }

    /// <summary>Values of values.</summary>
    static Field Nested(Field field, int depth)
    {
        for (; depth > 0; depth--) field = new Field(field.Number, Sized, [], [field]);
        return field;
    }

    Field Made() => Value(random.Next(1, 20));

    Field Value(int number) => random.Next(4) switch
    {
        0 => new Field((ulong)number, Varint, VarintOf(extremes[random.Next(extremes.Length)]), null),
        1 => new Field((ulong)number, Fixed64, BitConverter.GetBytes(extremes[random.Next(extremes.Length)]), null),
        2 => new Field((ulong)number, Fixed32, BitConverter.GetBytes((uint)extremes[random.Next(extremes.Length)]), null),
        _ => new Field((ulong)number, Sized, Bytes(hostileText), null),
    };

    byte[] Bytes(byte[] bytes)
    {
        var changed = random.Next(4) == 0 ? new byte[random.Next(300)] : bytes.ToArray();
        for (var flips = random.Next(1, 4); flips > 0 && changed.Length > 0; flips--) changed[random.Next(changed.Length)] = hostileText[random.Next(hostileText.Length)];
        return changed;
    }

    /// <returns>Null where the bytes are no fields from begin to end.</returns>
    static List<Field>? Parse(ReadOnlySpan<byte> bytes, int depth)
    {
        var fields = new List<Field>();
        while (bytes.Length > 0)
        {
            if (!TryReadVarint(ref bytes, out var tag, out _) || tag >> 3 == 0) return null;
            var wire = (int)(tag & 7);
            int length;
            switch (wire)
            {
                case Varint:
                    var rest = bytes;
                    if (!TryReadVarint(ref rest, out _, out length)) return null;
                    break;
                case Fixed64: length = 8; break;
                case Fixed32: length = 4; break;
                case Sized:
                    if (!TryReadVarint(ref bytes, out var size, out _) || size > (ulong)bytes.Length) return null;
                    length = (int)size;
                    break;
                default: return null;
            }
            if (length > bytes.Length) return null;
            var content = bytes[..length];
            // Text may look like fields, which is as good.
            fields.Add(new Field(tag >> 3, wire, content.ToArray(), wire == Sized && length > 0 && depth < MostDepth ? Parse(content, depth + 1) : null));
            bytes = bytes[length..];
        }
        return fields;
    }

    static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value, out int length)
    {
        value = 0;
        for (length = 0; length < bytes.Length && length < 10;)
        {
            var next = bytes[length];
            value |= (ulong)(next & 0x7f) << 7 * length++;
            if (next >= 0x80) continue;
            bytes = bytes[length..];
            return true;
        }
        return false;
    }

    static byte[] Write(List<Field> fields)
    {
        using var bytes = new MemoryStream();
        foreach (var field in fields)
        {
            bytes.Write(VarintOf(field.Number << 3 | (uint)field.Wire));
            var content = field.Fields is { } inside ? Write(inside) : field.Content;
            if (field.Wire == Sized) bytes.Write(VarintOf((ulong)content.Length));
            bytes.Write(content);
        }
        return bytes.ToArray();
    }

    static byte[] VarintOf(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
