using Google.Protobuf;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Tests.Erasure;

/// <summary>
/// What two users did in a program that exports over OpenTelemetry, in every place where a request can name a user, and what one of them did in programs of his own.
/// All that is the user's who will be erased has <c>gone</c> in its rows.
/// </summary>
static class ExportScene
{
    const long Ns = 1_767_225_600_000_000_000;

    /// <param name="tag">Stands in the rows, to tell requests apart.</param>
    public static (ExportSignal Signal, IMessage Request)[] All(string tag) =>
    [
        (ExportSignal.Traces, Traces(tag)),
        (ExportSignal.Logs, Logs(tag)),
        (ExportSignal.Metrics, Metrics(tag)),
        (ExportSignal.Traces, Own(tag)),
    ];

    public static TraceRequest Traces(string tag)
    {
        var (scope, request) = (new ScopeSpans(), new TraceRequest { ResourceSpans = { new ResourceSpans { Resource = Resource("shop") } } });
        request.ResourceSpans[0].ScopeSpans.Add(scope);
        scope.Spans.Add(Span($"kept {tag} plain"));
        foreach (var (whose, user) in (ReadOnlySpan<(string, string)>)[("kept", ErasureScene.Other), ("gone", ErasureScene.Canary)])
        {
            var (byEvent, byLink, byUnknown) = (Span($"{whose} {tag} event"), Span($"{whose} {tag} link"), Span($"{whose} {tag} unknown"));
            byEvent.Events.Add(new SpanEvent { Name = "signed in", Attributes = { Of(ErasureScene.Property, user) } });
            byLink.Links.Add(new SpanLink { Attributes = { Of(ErasureScene.Property, user) } });
            byUnknown.MergeFrom(Unknown(99, Of(ErasureScene.Property, user).ToByteArray()));
            scope.Spans.Add(
            [
                Span($"{whose} {tag} attribute", Of(ErasureScene.Property, user), Of("round", 7)), byEvent, byLink, byUnknown,
                Span($"{whose} {tag} map", Of("user", Map(Of(ErasureScene.Property, user)))),
                Span($"{whose} {tag} list", Of(ErasureScene.Property, List("somebody", user))),
            ]);
            request.ResourceSpans[0].ScopeSpans.Add(new ScopeSpans { Scope = Scope(whose, user), Spans = { Span($"{whose} {tag} in scope"), Span($"{whose} {tag} beside it") } });
        }
        return request;
    }

    public static LogRequest Logs(string tag)
    {
        var (scope, resource) = (new ScopeLogs(), new ResourceLogs { Resource = Resource("shop") });
        resource.ScopeLogs.Add(scope);
        foreach (var (whose, user) in (ReadOnlySpan<(string, string)>)[("kept", ErasureScene.Other), ("gone", ErasureScene.Canary)])
        {
            scope.LogRecords.Add(Log($"{whose} {tag} attribute", Of(ErasureScene.Property, user)));
            scope.LogRecords.Add(new LogRecord { TimeUnixNano = Ns, Body = Map(Of("what", $"{whose} {tag} body"), Of("who", Map(Of(ErasureScene.Property, user)))) });
            resource.ScopeLogs.Add(new ScopeLogs { Scope = Scope(whose, user), LogRecords = { Log($"{whose} {tag} in scope") } });
        }
        return new LogRequest { ResourceLogs = { resource } };
    }

    public static MetricRequest Metrics(string tag)
    {
        var (gauge, sum, histogram, exponential, summary) = (new Gauge(), new Sum(), new Histogram(), new ExponentialHistogram(), new Summary());
        var resource = new ResourceMetrics { Resource = Resource("shop") };
        foreach (var (whose, user) in (ReadOnlySpan<(string, string)>)[("kept", ErasureScene.Other), ("gone", ErasureScene.Canary)])
        {
            KeyValue[] own = [Of("what", $"{whose} {tag}"), Of(ErasureScene.Property, user)];
            var exemplar = new Exemplar { AsDouble = 1, FilteredAttributes = { Of(ErasureScene.Property, user) } };
            gauge.DataPoints.Add(new NumberPoint { TimeUnixNano = Ns, AsDouble = 0.5, Attributes = { own } });
            sum.DataPoints.Add(new NumberPoint { TimeUnixNano = Ns, AsInt = 5, Attributes = { own[0] }, Exemplars = { exemplar } });
            histogram.DataPoints.Add(new HistogramPoint { TimeUnixNano = Ns, Count = 2, Sum = 3, BucketCounts = { 1, 1 }, ExplicitBounds = { 1 }, Attributes = { own[0] }, Exemplars = { exemplar } });
            exponential.DataPoints.Add(new ExponentialHistogramPoint { TimeUnixNano = Ns, Count = 1, ZeroCount = 1, Attributes = { own } });
            summary.DataPoints.Add(new SummaryPoint { TimeUnixNano = Ns, Count = 1, Sum = 1, Attributes = { own } });
            resource.ScopeMetrics.Add(new ScopeMetrics
            {
                Metrics = { new Metric { Name = $"{whose} {tag} metadata", Metadata = { Of(ErasureScene.Property, user) }, Gauge = new Gauge { DataPoints = { new NumberPoint { TimeUnixNano = Ns, AsInt = 1 } } } } },
            });
        }
        resource.ScopeMetrics.Add(new ScopeMetrics
        {
            Metrics =
            {
                new Metric { Name = "gauge", Gauge = gauge }, new Metric { Name = "sum", Sum = sum }, new Metric { Name = "histogram", Histogram = histogram },
                new Metric { Name = "exponential", ExponentialHistogram = exponential }, new Metric { Name = "summary", Summary = summary },
            },
        });
        return new MetricRequest { ResourceMetrics = { resource } };
    }

    /// <summary>Of programs that are the user's, by an attribute of theirs or deeper in one.</summary>
    public static TraceRequest Own(string tag) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans { Resource = Resource("own", Of(ErasureScene.Property, ErasureScene.Canary)), ScopeSpans = { new ScopeSpans { Spans = { Span($"gone {tag} whole") } } } },
            new ResourceSpans { Resource = Resource("deep", Of("user", Map(Of(ErasureScene.Property, List(ErasureScene.Canary))))), ScopeSpans = { new ScopeSpans { Spans = { Span($"gone {tag} whole") } } } },
        },
    };

    public static KeyValue Of(string key, string value) => Of(key, new AnyValue { StringValue = value });

    public static KeyValue Of(string key, long value) => Of(key, new AnyValue { IntValue = value });

    public static KeyValue Of(string key, AnyValue value) => new() { Key = key, Value = value };

    public static AnyValue Map(params KeyValue[] attributes) => new() { KvlistValue = new KeyValueList { Values = { attributes } } };

    public static AnyValue List(params string[] values) => new() { ArrayValue = new ArrayValue { Values = { values.Select(value => new AnyValue { StringValue = value }) } } };

    /// <summary>A field of a length that the messages do not list.</summary>
    public static byte[] Unknown(int number, byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
        }
        return stream.ToArray();
    }

    static Resource Resource(string name, params KeyValue[] more) => new() { Attributes = { new[] { Of("service.name", name) }.Concat(more) } };

    static Scope Scope(string whose, string user) => new() { Name = $"{whose} library", Attributes = { Of(ErasureScene.Property, user) } };

    static TraceSpan Span(string name, params KeyValue[] attributes) => new() { Name = name, StartTimeUnixNano = Ns, EndTimeUnixNano = Ns + 5, Attributes = { attributes } };

    static LogRecord Log(string message, params KeyValue[] attributes) => new() { TimeUnixNano = Ns, Body = new AnyValue { StringValue = message }, Attributes = { attributes } };
}
