using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Tells whether a record is of the length that its kind and contents ask for. Something that writes over a segment mostly writes a length
/// that leads elsewhere, and what is then skipped must not be missing unnoticed.
/// </summary>
static class RecordCheck
{
    const int WordRecordBytes = RecordLayout.PrefixBytes + 8;

    /// <param name="record">With its prefix.</param>
    public static bool IsWhole(ReadOnlySpan<byte> record)
    {
        var body = new RecordReader(record[RecordLayout.PrefixBytes..]);
        switch ((RecordKind)record[0])
        {
            case RecordKind.SpanBegin or RecordKind.MetricAtLast:
                return record.Length == RecordLayout.PrefixBytes;
            case RecordKind.SpanNext or RecordKind.ContextPop or RecordKind.Metric or RecordKind.Count or RecordKind.Flow or RecordKind.Frame:
                return record.Length == WordRecordBytes;
            case RecordKind.Log:
                while (!body.IsPadding && (body.TrySkipMark(RecordLayout.LogProperty) ? body.TrySkipText() && body.TrySkipValue() : body.TrySkipValue()))
                {
                }
                return body.IsPadding;
            case RecordKind.LogInPlace:
                return IsWholeLog(ref body);
            case RecordKind.SpanBeginDynamic or RecordKind.Marker:
                return body.TrySkipText() && TrySkipProperties(ref body);
            case RecordKind.SpanNextDynamic:
                return body.TrySkip(8) && body.TrySkipText() && body.IsPadding;
            case RecordKind.ContextPush:
                return body.TrySkipText() && body.TrySkipValue() && body.IsPadding;
            case RecordKind.MetricDynamic:
                return body.TrySkip(8) && TrySkipProperties(ref body);
            case RecordKind.AsyncBegin:
                return body.TrySkip(32) && (body.IsPadding || body.TrySkipText() && TrySkipProperties(ref body));
            case RecordKind.AsyncEnd:
                return body.TrySkip(56) && (body.IsPadding || body.TrySkipText() && TrySkipProperties(ref body));
            // Their readers know how long they are.
            case RecordKind.UserEvent or RecordKind.Resync:
                return true;
            default:
                return false;
        }
    }

    static bool IsWholeLog(ref RecordReader body)
    {
        for (var tags = body.U64(); tags != 0; tags >>= LogReader.TagBits)
        {
            var bytes = (tags & LogReader.TagMask) switch
            {
                (ulong)ValueTag.Null => 0,
                (ulong)ValueTag.Bool or (ulong)ValueTag.I64 or (ulong)ValueTag.U64 or (ulong)ValueTag.F64 => sizeof(ulong),
                (ulong)ValueTag.String or RecordLayout.LogPropertyBits => LogReader.TextBytes(body.Peek()),
                _ => -1,
            };
            if (bytes < 0 || !body.TrySkip(bytes)) return false;
        }
        return body.AtEnd;
    }

    static bool TrySkipProperties(ref RecordReader body)
    {
        while (!body.IsPadding)
            if (!body.TrySkipText() || !body.TrySkipValue()) return false;
        return true;
    }
}
