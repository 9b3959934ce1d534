using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>Spans that survive awaits and change threads.</content>
public static unsafe partial class Telemetry
{
    /// <summary>The async span that the calling code runs in, or else the activity, where activities are recorded; none where it does not.</summary>
    public static AsyncSpanId CurrentAsyncSpan => AmbientSpan.Current;

    /// <summary>
    /// Begins a span that may end on another thread. Its parent is the one that the calling code runs in, and it is that of what is begun within it.
    /// </summary>
    /// <param name="name">A literal.</param>
    public static AsyncSpanScope AsyncSpan(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is null) return default;
        var scope = BeginAsync(DeclarationTable.Find(name, file, line, ""), name, AmbientSpan.Current, default, []);
        return scope.Id.IsNone ? scope : scope.Enter();
    }

    /// <summary>Begins a span that may end on another thread, with a parent that is given. What is begun within it does not know it.</summary>
    /// <param name="name">A literal.</param>
    /// <param name="parent">None for a root.</param>
    public static AsyncSpanScope AsyncSpan(string name, AsyncSpanId parent, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Enter() is null ? default : BeginAsync(DeclarationTable.Find(name, file, line, ""), name, parent, default, []);

    /// <summary>The same with arguments.</summary>
    /// <param name="name">A literal.</param>
    /// <param name="parent">None for a root.</param>
    public static AsyncSpanScope AsyncSpan(string name, AsyncSpanId parent, ReadOnlySpan<Property> arguments, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Enter() is null ? default : BeginAsync(DeclarationTable.Find(name, file, line, ""), name, parent, default, arguments);

    /// <param name="id">Its own id where it has one already.</param>
    internal static AsyncSpanScope BeginAsync(Declaration declaration, string name, AsyncSpanId parent, AsyncSpanId id, ReadOnlySpan<Property> arguments)
    {
        if (ThreadContext.Current is not { } context) return default;
        var begun = new AsyncSpanRecord
        {
            Id = id.IsNone ? context.NextAsyncId() : id.Id,
            Parent = parent.Id,
            TraceId = id.IsNone ? parent.TraceId : id.TraceId,
            Name = declaration.NameIsDynamic ? name : "",
        };
        var at = context.Append(RecordKind.AsyncBegin, 0, declaration.Id, new AsyncBody(begun, arguments), AsyncBody.WriteBegin);
        // Whoever loses the begin loses the end.
        if (at is null) return default;
        return new AsyncSpanScope(declaration.Id, begun with { BeginTick = ((ulong*)at)[1], BeginStream = context.StreamId }, arguments);
    }

    internal static void EndAsync(uint site, in AsyncSpanRecord span, ReadOnlySpan<Property> arguments) =>
        ThreadContext.Current?.Append(RecordKind.AsyncEnd, 0, site, new AsyncBody(span, arguments), AsyncBody.WriteEnd);

    readonly ref struct AsyncBody(in AsyncSpanRecord span, ReadOnlySpan<Property> arguments)
    {
        readonly AsyncSpanRecord span = span;
        readonly ReadOnlySpan<Property> arguments = arguments;

        public static readonly WriteBody<AsyncBody> WriteBegin = static (in AsyncBody body, ref RecordWriter writer) => body.Write(ref writer, isEnd: false);

        public static readonly WriteBody<AsyncBody> WriteEnd = static (in AsyncBody body, ref RecordWriter writer) => body.Write(ref writer, isEnd: true);

        void Write(ref RecordWriter writer, bool isEnd)
        {
            writer.U64(span.Id);
            writer.U64(span.Parent);
            writer.U64((ulong)(span.TraceId >> 64));
            writer.U64((ulong)span.TraceId);
            if (isEnd)
            {
                writer.U64(span.BeginTick);
                writer.Id(span.BeginStream);
            }
            if (span.Name.Length == 0 && arguments.IsEmpty) return;
            writer.Text(span.Name);
            writer.Properties(arguments);
        }
    }
}
