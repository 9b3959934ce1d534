using Legion.Format;

namespace Legion.Lakehouse;

/// <summary>
/// Goes through the blocks of a stream in order and finds what of each is a subject's. In a thread's stream a span that has it goes with all that lies in it,
/// and so does all that lies in a context that has it.
/// </summary>
/// <param name="fieldsOf">Where events of a schema can have a subject.</param>
/// <param name="asyncIds">Async spans that go as a whole; those found here are added.</param>
/// <param name="takesAll">The stream itself is the subject's.</param>
sealed class StreamScan(Func<Schema, SubjectFields> fieldsOf, HashSet<ulong> asyncIds, bool takesAll)
{
    readonly record struct Scope(bool IsSpan, ulong Ordinal, ulong BeginTick, bool IsErased, bool IsOutermost, bool BeganHere);

    readonly Dictionary<SchemaHash, TraceLayout> layouts = [];
    readonly List<Scope> scopes = [];

    /// <exception cref="InvalidDataException">The block is damaged; the next one begins with what its header says.</exception>
    public EventPlan Scan(Block block, Schema schema)
    {
        var fields = fieldsOf(schema);
        if (!layouts.TryGetValue(schema.Hash, out var layout)) layouts.Add(schema.Hash, layout = new TraceLayout(schema));
        var (keptSpans, keptContexts) = Enter(block, fields);
        var childTicks = new Dictionary<ulong, ulong>();
        var verdicts = new List<Verdict>((int)Math.Min(block.Header.Events, 1 << 20));
        var restsOnOthers = false;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            var isInErased = takesAll || scopes.Count > 0 && scopes[^1].IsErased;
            switch (layout.Event(record.TypeIndex))
            {
                case TraceEvent.Gap:
                    verdicts.Add(Verdict.Keep);
                    break;
                case TraceEvent.SpanBegin or TraceEvent.SpanBeginDynamic:
                    var begun = Push(isSpan: true, record.Ordinal, layout.Tick(record), isInErased || fields.Matches(block, record), beganHere: true);
                    verdicts.Add(!begun.IsErased ? Verdict.Keep : begun.IsOutermost ? Verdict.EraseBegin : Verdict.Erase);
                    break;
                case TraceEvent.SpanEnd:
                    verdicts.Add(End(layout.Tick(record), childTicks));
                    break;
                case TraceEvent.ContextPush:
                    verdicts.Add(Push(isSpan: false, record.Ordinal, layout.Tick(record), isInErased || fields.Matches(block, record), beganHere: true).IsErased ? Verdict.Erase : Verdict.Keep);
                    break;
                case TraceEvent.ContextPop:
                    verdicts.Add(Pop() is { IsErased: true } || takesAll ? Verdict.Erase : Verdict.Keep);
                    break;
                default:
                    var isOwn = isInErased || fields.Matches(block, record);
                    if (fields.AsyncId(record) is { } id)
                    {
                        if (isOwn) asyncIds.Add(id);
                        else restsOnOthers |= isOwn = asyncIds.Contains(id);
                    }
                    verdicts.Add(isOwn ? Verdict.Erase : Verdict.Keep);
                    break;
            }
        }
        return new EventPlan([.. verdicts], keptSpans, keptContexts, childTicks, restsOnOthers);
    }

    /// <summary>Takes the header's stack over: spans and contexts in the order in which they lie in one another.</summary>
    (bool[] KeptSpans, bool[] KeptContexts) Enter(Block block, SubjectFields fields)
    {
        var header = block.Header;
        if ((header.Flags & BlockFlags.StackOmitted) != 0)
        {
            for (var i = 0; i < scopes.Count; i++) scopes[i] = scopes[i] with { BeganHere = false };
            return ([], []);
        }
        var erased = scopes.Where(scope => scope is { IsSpan: true, IsErased: true }).Select(scope => scope.Ordinal).ToHashSet();
        scopes.Clear();
        var (keptSpans, keptContexts) = (new bool[header.OpenSpans.Count], new bool[header.OpenContexts.Count]);
        var context = 0;
        for (var i = 0; i < keptSpans.Length; i++)
        {
            var span = header.OpenSpans[i];
            if (span.ContextDepth > (uint)keptContexts.Length) throw new InvalidDataException($"block header: expected a context depth of at most {keptContexts.Length}, saw {span.ContextDepth}");
            EnterContexts((int)span.ContextDepth);
            keptSpans[i] = !Push(isSpan: true, span.Ordinal, span.BeginTick, IsIn() || erased.Contains(span.Ordinal) || fields.Matches([.. span.Arguments]), beganHere: false).IsErased;
        }
        EnterContexts(keptContexts.Length);
        return (keptSpans, keptContexts);

        bool IsIn() => takesAll || scopes.Count > 0 && scopes[^1].IsErased;

        void EnterContexts(int depth)
        {
            for (; context < depth; context++)
                keptContexts[context] = !Push(isSpan: false, 0, 0, IsIn() || fields.MatchesSet(block, header.OpenContexts[context]), beganHere: false).IsErased;
        }
    }

    Scope Push(bool isSpan, ulong ordinal, ulong tick, bool isErased, bool beganHere)
    {
        var scope = new Scope(isSpan, ordinal, tick, isErased, isErased && isSpan && !scopes.Exists(outer => outer is { IsSpan: true, IsErased: true }), beganHere);
        scopes.Add(scope);
        return scope;
    }

    /// <returns>Null where nothing is open, as in a stream whose begin is not there.</returns>
    Scope? Pop()
    {
        if (scopes.Count == 0) return null;
        var scope = scopes[^1];
        scopes.RemoveAt(scopes.Count - 1);
        return scope;
    }

    Verdict End(ulong tick, Dictionary<ulong, ulong> childTicks)
    {
        if (Pop() is not { } span) return takesAll ? Verdict.Erase : Verdict.Keep;
        if (!span.IsErased) return Verdict.Keep;
        if (!span.IsOutermost) return Verdict.Erase;
        if (span.BeganHere) return Verdict.EraseEnd;
        // What it took is in no gap record of one block: the header of this one tells the span around it.
        var around = scopes.FindLastIndex(scope => scope.IsSpan);
        if (around >= 0) childTicks[scopes[around].Ordinal] = childTicks.GetValueOrDefault(scopes[around].Ordinal) + (tick - span.BeginTick);
        return Verdict.Erase;
    }
}
