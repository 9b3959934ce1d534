using System.Numerics;
using Legion.Format;

namespace Legion.Sdk;

public sealed partial class TraceWriter
{
    /// <summary>What a begin or an end takes as a row, on the average.</summary>
    const int MarkBytes = 12;

    const int MostMarks = 256;

    /// <summary>Events that one record makes at most.</summary>
    const int EventsOfRecord = 2;

    /// <summary>Entries below that of the outermost span: what ends where nothing is open finds no address there, and adds its time to nobody's.</summary>
    const int Below = 2;

    /// <summary>Bytes of the longest record that is taken many at a time.</summary>
    const int LongestRecord = RecordLayout.PrefixBytes + 8;

    /// <summary>Stands below the outermost span: no record ends what has this address, as others are multiples of 8.</summary>
    static OpenSpanTicks NoSpan => new() { Address = 0x9e37_79b9_7f4a_7c15 };

    const uint MostContexts = 0x3fffffff;

    /// <summary>Set in a span's place where its name and arguments are in the states; where its site and its times are.</summary>
    const ulong IsDynamic = 1ul << 63, IsSettled = 1ul << 62;

    // Begins and ends that the block does not have yet: it takes many together for a third of what it takes each alone.
    readonly byte[] types = new byte[MostMarks];
    readonly ulong[] ticks = new ulong[MostMarks];
    readonly uint[] sitesOfBegins = new uint[MostMarks];
    int marked, begins;

    // One more than the site's reference, by the id of the declaration; 0 for those that the block does not have.
    uint[] sitesOfDeclarations = new uint[64];

    /// <summary>
    /// Takes the records of a segment as long as they are begins and next phases of spans named by their site, and ends of the innermost one:
    /// a fraction of the time that they take one by one.
    /// </summary>
    /// <param name="at">The first record; behind the last one taken when this returns.</param>
    /// <param name="addressOffset">What makes an address here the one by which a span is ended.</param>
    /// <param name="earliest">No record is before this.</param>
    /// <param name="latest">No record is after this.</param>
    /// <param name="tick">Tick of the last record taken.</param>
    /// <returns>Events taken; not always all that could be, but 0 only where the first record needs a closer look.</returns>
    internal unsafe int Take(ref byte* at, byte* end, ulong addressOffset, ulong earliest, ulong latest, Definitions definitions, ref ulong tick)
    {
        earliest = Math.Max(earliest, lastTick);
        if (latest < earliest) return 0;
        // What may fail for want of memory comes before anything is taken.
        if (marked > MostMarks - EventsOfRecord) WriteMarks();
        BeforeMark();
        var before = marked;
        at = TakeMarks(at, end, addressOffset, earliest, latest);
        if (marked == before && Learns(at, end, definitions)) at = TakeMarks(at, end, addressOffset, earliest, latest);
        if (marked > before) tick = lastTick = ticks[marked - 1];
        return marked - before;
    }

    /// <summary>
    /// There is no branch on what a record is, as the next one is mostly another: begin, end and next phase are told apart by the lowest two bits of
    /// their first word, and those become masks. Where nothing ends or begins, what is written lies beyond the top of the stack or of the lists.
    /// </summary>
    /// <returns>The first record that needs a closer look.</returns>
    unsafe byte* TakeMarks(byte* record, byte* end, ulong addressOffset, ulong earliest, ulong latest)
    {
        const uint beginWord = (uint)RecordKind.SpanBegin | RecordLayout.PrefixBytes / 8 << 16;
        const uint nextWord = (uint)RecordKind.SpanNext | (RecordLayout.PrefixBytes + 8) / 8 << 16;
        fixed (OpenSpanTicks* stack = open)
        fixed (uint* sites = sitesOfDeclarations, firstSite = sitesOfBegins)
        fixed (byte* firstType = types)
        fixed (ulong* firstTick = ticks)
        {
            var innermost = stack + (Below - 1) + Depth;
            var deepest = stack + (Below - 1) + Math.Min(open.Length - Below, ThreadStream.MostOpen);
            var declarations = (uint)sitesOfDeclarations.Length;
            var site = firstSite + begins;
            var place = PlaceOf(0);
            // Marks go by their ordinal.
            var ordinal = (nuint)NextOrdinal;
            var most = ordinal + (nuint)(MostMarks - marked);
            var tickOf = firstTick + marked - ordinal;
            var typeOf = firstType + marked - ordinal;
            var last = earliest;
            while (true)
            {
                // So many records fit whatever they are: in the loop itself nothing of this is looked at.
                var records = Math.Min(Math.Min((end - record) / LongestRecord, (nint)(most - ordinal) / EventsOfRecord), (nint)(deepest - innermost));
                for (; records > 0; records--)
                {
                    var word = *(ulong*)record;
                    var tick = *(ulong*)(record + 8);
                    if (tick < last || tick > latest) goto done;

                    // 1 for a begin and for a next phase; 1 for a next phase. All that is even must be an end.
                    var begin = (nint)word & 1;
                    var next = (nint)(word >> 1) & begin;
                    var beginMask = (ulong)-begin;
                    var nextMask = (ulong)-next;
                    var endMask = (ulong)((begin ^ next) - 1);

                    // What an end or a next phase ends must be the innermost span, and the rest of the word that of its kind.
                    var ended = word ^ (word ^ *(ulong*)(record + 16)) & nextMask;
                    var wrong = (ended ^ innermost->Address) & endMask | ((uint)word ^ (beginWord + (nextWord - beginWord & (uint)nextMask))) & beginMask;
                    if (wrong != 0) goto done;
                    var declaration = (uint)((word & beginMask) >> 32);
                    if (declaration >= declarations) goto done;
                    var siteOfRecord = sites[declaration];
                    if ((siteOfRecord | (uint)~beginMask) == 0) goto done;
                    last = tick;

                    (innermost - 1)->ChildTicks += tick - innermost->BeginTick & endMask;
                    innermost += begin ^ next;
                    innermost->Ordinal = ordinal + (nuint)next;
                    innermost->BeginTick = tick;
                    innermost->ChildTicks = 0;
                    var here = (ulong)record + addressOffset;
                    innermost->Address = here ^ (here ^ ended) & endMask;
                    innermost->Place = place | siteOfRecord;
                    innermost += begin - 1;

                    tickOf[ordinal] = tick;
                    tickOf[ordinal + 1] = tick;
                    *(ushort*)(typeOf + ordinal) = (ushort)(endMask & SpanEndEvent.Index);
                    *site = siteOfRecord;
                    site += begin;
                    ordinal += 1 + (nuint)next;
                    record += RecordLayout.PrefixBytes + 8 * next;
                }
                if (end - record < LongestRecord || most - ordinal < EventsOfRecord || innermost == deepest) break;
            }
        done:
            Depth = (int)(innermost - stack) - (Below - 1);
            marked = MostMarks - (int)(most - ordinal);
            begins = (int)(site - firstSite);
            return record;
        }
    }

    /// <summary>Learns what was missing to take the record.</summary>
    /// <returns>False if nothing was.</returns>
    unsafe bool Learns(byte* record, byte* end, Definitions definitions)
    {
        if (end - record < LongestRecord) return false;
        if (Depth == open.Length - Below && Depth < ThreadStream.MostOpen)
        {
            Grow();
            return true;
        }
        var word = *(ulong*)record;
        if (RecordLayout.IsSpanEnd(word) || (RecordKind)(byte)word is not (RecordKind.SpanBegin or RecordKind.SpanNext)) return false;
        var declaration = (uint)(word >> 32);
        if (declaration < sitesOfDeclarations.Length && sitesOfDeclarations[declaration] != 0) return false;
        uint reference;
        try
        {
            reference = Reference(definitions.Declaration(declaration).Site);
        }
        catch (InvalidDataException)
        {
            // Whoever looks at the record more closely says what is wrong with it.
            return false;
        }
        if (declaration >= sitesOfDeclarations.Length) Array.Resize(ref sitesOfDeclarations, (int)BitOperations.RoundUpToPowerOf2(declaration + 1));
        sitesOfDeclarations[declaration] = reference + 1;
        return true;
    }

    void MarkBegin(ulong tick, uint reference)
    {
        sitesOfBegins[begins++] = reference + 1;
        Mark(tick, (byte)SpanBeginEvent.Index);
    }

    void MarkEnd(ulong tick) => Mark(tick, (byte)SpanEndEvent.Index);

    void Mark(ulong tick, byte type)
    {
        ticks[marked] = tick;
        types[marked++] = type;
    }

    /// <summary>To be called before every begin and end: where memory is wanting, it fails before anything has changed.</summary>
    void BeforeMark()
    {
        if (marked == MostMarks) WriteMarks();
        if (marked == 0 && !assembly.HasEvents) atFirstEvent = Snapshot();
    }

    void WriteMarks()
    {
        assembly.Block.Spans(types.AsSpan(0, marked), ticks.AsSpan(0, marked), sitesOfBegins.AsSpan(0, begins));
        assembly.CountInOrder((uint)marked, ticks[0], ticks[marked - 1]);
        (marked, begins) = (0, 0);
    }

    ulong PlaceOf(uint site) => site | (ulong)(context?.Depth ?? 0) << 32;

    /// <summary>The open span of this depth; -1 is none.</summary>
    ref OpenSpanTicks Open(int depth) => ref open[depth + Below];

    /// <summary>What begins and ends read and write of an open span.</summary>
    struct OpenSpanTicks
    {
        public ulong Ordinal;
        public ulong BeginTick;
        public ulong ChildTicks;

        /// <summary>By which the span is ended, where its records come from a segment.</summary>
        public ulong Address;

        /// <summary>One more than the site's reference in the block in which the span began, the open contexts, <see cref="IsDynamic"/> and <see cref="IsSettled"/>.</summary>
        public ulong Place;
    }
}
