using System.Runtime.Intrinsics;

namespace Legion.Format;

/// <summary>Writes the ticks of many events at once: eight differences at a time become varints without a branch on how long each is, which is a coin toss.</summary>
static class TickColumn
{
    /// <summary>Values of at most four bytes of seven bits.</summary>
    const uint FewLimit = 1 << 28;

    const int Lanes = 8;

    /// <param name="last">Tick of the event before the first.</param>
    /// <param name="types">Type of each event; the bit <paramref name="sameTick"/> is set where it has the tick of the one before.</param>
    /// <param name="at">Room for ten bytes of each event and <see cref="Varint.SlackBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public static unsafe int Write(ReadOnlySpan<ulong> ticks, ulong last, Span<byte> types, byte sameTick, ref byte at)
    {
        fixed (ulong* tick = ticks)
        fixed (byte* type = types, begin = &at)
        {
            var end = begin;
            var lengths = stackalloc uint[Lanes];
            var values = stackalloc uint[Lanes];
            One(tick, type, last, sameTick, ref end);
            var i = 1;
            for (; i <= ticks.Length - Lanes; i += Lanes)
            {
                var first = Vector256.Load(tick + i) - Vector256.Load(tick + i - 1);
                var second = Vector256.Load(tick + i + 4) - Vector256.Load(tick + i + 3);
                if (Vector256.GreaterThanOrEqualAny(first | second, Vector256.Create((ulong)FewLimit)))
                {
                    for (var k = i; k < i + Lanes; k++) One(tick + k, type + k, tick[k - 1], sameTick, ref end);
                    continue;
                }
                var since = Vector256.Narrow(first, second);
                var isNone = Vector256.Equals(since, Vector256<uint>.Zero);
                var isTwo = Vector256.GreaterThan(since.AsInt32(), Vector256.Create(0x7f)).AsUInt32();
                var isThree = Vector256.GreaterThan(since.AsInt32(), Vector256.Create(0x3fff)).AsUInt32();
                var isFour = Vector256.GreaterThan(since.AsInt32(), Vector256.Create(0x1fffff)).AsUInt32();

                // Seven bits move to each byte: first fourteen to each half, then seven to each of its bytes.
                var halves = (since & Vector256.Create(0x3fffu)) | ((since & Vector256.Create(0xfffc000u)) << 2);
                var bytes = (halves & Vector256.Create(0x7f007fu)) | ((halves & Vector256.Create(0x3f803f80u)) << 1);
                bytes |= (isTwo & Vector256.Create(0x80u)) | (isThree & Vector256.Create(0x8000u)) | (isFour & Vector256.Create(0x800000u));
                bytes.Store(values);
                (Vector256<uint>.One + isNone - isTwo - isThree - isFour).Store(lengths);
                var same = Vector128.Narrow(isNone.GetLower(), isNone.GetUpper());
                *(ulong*)(type + i) |= Vector128.Narrow(same, same).AsUInt64().ToScalar() & sameTick * 0x0101010101010101ul;
                for (var k = 0; k < Lanes; k++)
                {
                    *(uint*)end = values[k];
                    end += lengths[k];
                }
            }
            for (; i < ticks.Length; i++) One(tick + i, type + i, tick[i - 1], sameTick, ref end);
            return (int)(end - begin);
        }
    }

    static unsafe void One(ulong* tick, byte* type, ulong last, byte sameTick, ref byte* end)
    {
        if (*tick == last) *type |= sameTick;
        else end += Varint.Write(ref *end, *tick - last);
    }
}
