using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Tests.Erasure;

/// <summary>What an erasure leaves of a block of OpenTelemetry is what would be there had the subject's events never been exported.</summary>
public sealed class ExportErasureTests
{
    const int Cases = 600;

    static readonly string[] names = ["user_id", "user", "round", "other"];

    [Fact]
    public void RandomExportsKeepExactlyWhatIsNotTheSubjects()
    {
        var taken = 0;
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var (signal, name, text) = ((ExportSignal)random.Next(1, 4), names[random.Next(names.Length)], Text(Scalar(random)));
            var full = Request(random, signal);
            var expected = Without(full, message => Has(message, name, text));
            var block = BlockOf(signal, full);
            var plan = ErasureOf(name, text).Plan(block, takesAll: false);
            var erased = CountOf(full) - CountOf(expected);
            if (plan is null)
            {
                Assert.Equal(full.ToByteArray(), expected.ToByteArray());
                continue;
            }
            taken++;
            var rest = Block.Read(plan.Apply(block, Schema.Empty));
            Assert.Equal((erased, CountOf(expected)), (plan.Erased, (int)rest.Header.Events));
            Assert.Equal(block.Header with { Events = rest.Header.Events }, rest.Header with
            {
                Clock = block.Header.Clock, OpenSpans = block.Header.OpenSpans, OpenContexts = block.Header.OpenContexts,
                Codec = block.Header.Codec, EventBytes = block.Header.EventBytes, StoredBytes = block.Header.StoredBytes, Checksum = block.Header.Checksum,
            });
            Assert.Equal(Rows(signal, BlockOf(signal, expected)), Rows(signal, rest));
            Assert.Null(ErasureOf(name, text).Plan(rest, takesAll: false));
        }
        Assert.InRange(taken, Cases / 10, Cases - Cases / 10);
    }

    [Fact]
    public void WhatTheMessagesDoNotListStaysAndIsSearched()
    {
        var (kept, gone) = (new TraceSpan { Name = "kept" }, new TraceSpan { Name = "gone" });
        kept.MergeFrom(ExportScene.Unknown(99, ExportScene.Of("user_id", 8).ToByteArray()));
        gone.MergeFrom(ExportScene.Unknown(99, ExportScene.Unknown(3, ExportScene.Of("user_id", 7).ToByteArray())));
        var scope = new ScopeSpans { Spans = { kept, gone } };
        scope.MergeFrom(ExportScene.Unknown(3, "https://opentelemetry.io/schemas/1.30.0"u8.ToArray()));
        var block = BlockOf(ExportSignal.Traces, new TraceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } });
        scope.Spans.Remove(gone);
        var rest = Block.Read(ErasureOf("user_id", "7").Plan(block, takesAll: false)!.Apply(block, Schema.Empty));
        Assert.Equal(new TraceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } }.ToByteArray(), rest.Events.ToArray());
        Assert.Null(ErasureOf("user_id", "9").Plan(block, takesAll: false));
    }

    [Fact]
    public void AStreamThatIsTheSubjectsGoesWhole()
    {
        var block = BlockOf(ExportSignal.Logs, new LogRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord() } } } } } });
        var plan = ErasureOf("user_id", "7").Plan(block, takesAll: true)!;
        var rest = Block.Read(plan.Apply(block, Schema.Empty));
        Assert.Equal((1L, 0u, 0), (plan.Erased, rest.Header.Events, rest.Events.Length));
        Assert.Null(ErasureOf("user_id", "7").Plan(rest, takesAll: true));
    }

    static IMessage Request(Random random, ExportSignal signal) => signal switch
    {
        ExportSignal.Traces => new TraceRequest
        {
            ResourceSpans =
            {
                Some(random, () => new ResourceSpans
                {
                    Resource = new Resource { Attributes = { Rarely(random) } },
                    ScopeSpans = { Some(random, () => new ScopeSpans { Scope = new Scope { Attributes = { Rarely(random) } }, Spans = { Some(random, () => Span(random)) } }) },
                }),
            },
        },
        ExportSignal.Logs => new LogRequest
        {
            ResourceLogs =
            {
                Some(random, () => new ResourceLogs
                {
                    ScopeLogs = { Some(random, () => new ScopeLogs { Scope = new Scope { Attributes = { Rarely(random) } }, LogRecords = { Some(random, () => Log(random)) } }) },
                }),
            },
        },
        _ => new MetricRequest
        {
            ResourceMetrics =
            {
                Some(random, () => new ResourceMetrics
                {
                    ScopeMetrics = { Some(random, () => new ScopeMetrics { Scope = new Scope { Attributes = { Rarely(random) } }, Metrics = { Some(random, () => NewMetric(random)) } }) },
                }),
            },
        },
    };

    static TraceSpan Span(Random random) => new()
    {
        Name = $"span {random.Next()}", EndTimeUnixNano = (ulong)random.Next(1, 9), Attributes = { Attributes(random) },
        Events = { Some(random, () => new SpanEvent { Name = "event", Attributes = { Rarely(random) } }) },
        Links = { Some(random, () => new SpanLink { Attributes = { Rarely(random) } }) },
    };

    static LogRecord Log(Random random) => new()
    {
        TimeUnixNano = (ulong)random.Next(1, 9), Attributes = { Attributes(random) },
        Body = random.Next(2) == 0 ? Scalar(random) : ExportScene.Map([ExportScene.Of("number", random.Next()), .. Rarely(random)]),
    };

    static Metric NewMetric(Random random)
    {
        var metric = new Metric { Name = $"metric {random.Next()}", Metadata = { Rarely(random) } };
        switch (random.Next(4))
        {
            case 0: metric.Gauge = new Gauge { DataPoints = { Some(random, () => new NumberPoint { TimeUnixNano = 5, AsInt = random.Next(), Attributes = { Attributes(random) }, Exemplars = { Exemplars(random) } }) } }; break;
            case 1: metric.Sum = new Sum { DataPoints = { Some(random, () => new NumberPoint { TimeUnixNano = 5, AsInt = random.Next(), Attributes = { Attributes(random) } }) } }; break;
            case 2: metric.Histogram = new Histogram { DataPoints = { Some(random, () => new HistogramPoint { TimeUnixNano = 5, Count = 1, Attributes = { Attributes(random) }, Exemplars = { Exemplars(random) } }) } }; break;
            default: metric.Summary = new Summary { DataPoints = { Some(random, () => new SummaryPoint { TimeUnixNano = 5, Count = (ulong)random.Next(), Attributes = { Attributes(random) } }) } }; break;
        }
        return metric;
    }

    static Exemplar[] Exemplars(Random random) => Some(random, () => new Exemplar { AsDouble = 1, FilteredAttributes = { Rarely(random) } });

    static KeyValue[] Attributes(Random random) => Some(random, () => ExportScene.Of(names[random.Next(names.Length)], AnyValueOf(random, depth: 2)));

    static KeyValue[] Rarely(Random random) => random.Next(6) == 0 ? Attributes(random) : [];

    static AnyValue AnyValueOf(Random random, int depth) => (depth == 0 ? 9 : random.Next(10)) switch
    {
        0 => new AnyValue { ArrayValue = new ArrayValue { Values = { Some(random, () => AnyValueOf(random, depth - 1)) } } },
        1 => ExportScene.Map(Some(random, () => ExportScene.Of(names[random.Next(names.Length)], AnyValueOf(random, depth - 1)))),
        2 => new AnyValue(),
        _ => Scalar(random),
    };

    static AnyValue Scalar(Random random) => random.Next(5) switch
    {
        0 => new AnyValue { StringValue = $"user {random.Next(4)}" },
        1 => new AnyValue { StringValue = random.Next(4).ToString(CultureInfo.InvariantCulture) }, // as a number's text
        2 => new AnyValue { BoolValue = random.Next(2) == 0 },
        3 => new AnyValue { DoubleValue = random.Next(4) / 2.0 },
        _ => random.Next(8) == 0 ? new AnyValue { BytesValue = ByteString.CopyFrom((byte)random.Next(4)) } : new AnyValue { IntValue = random.Next(4) },
    };

    static T[] Some<T>(Random random, Func<T> one) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => one())];

    /// <summary>What has it and what lies in it is left out, and what was not empty and is now.</summary>
    static IMessage Without(IMessage request, Func<IMessage, bool> has)
    {
        switch (request)
        {
            case TraceRequest traces:
                var spans = traces.Clone();
                Take(spans.ResourceSpans, resource => has(resource.Resource), resource => Take(resource.ScopeSpans, scope => has(scope.Scope), scope => Take(scope.Spans, has, _ => false)));
                return spans;
            case LogRequest logs:
                var records = logs.Clone();
                Take(records.ResourceLogs, _ => false, resource => Take(resource.ScopeLogs, scope => has(scope.Scope), scope => Take(scope.LogRecords, has, _ => false)));
                return records;
            default:
                var metrics = ((MetricRequest)request).Clone();
                Take(metrics.ResourceMetrics, _ => false, resource => Take(resource.ScopeMetrics, scope => has(scope.Scope), scope => Take(scope.Metrics, metric => metric.Metadata.Any(has), metric =>
                    metric.Gauge is { } gauge ? Take(gauge.DataPoints, has, _ => false)
                    : metric.Sum is { } sum ? Take(sum.DataPoints, has, _ => false)
                    : metric.Histogram is { } histogram ? Take(histogram.DataPoints, has, _ => false)
                    : Take(metric.Summary.DataPoints, has, _ => false))));
                return metrics;
        }
    }

    /// <returns>Whether this made the list empty.</returns>
    static bool Take<T>(RepeatedField<T> list, Func<T, bool> has, Func<T, bool> becomesEmpty)
    {
        var before = list.Count;
        T[] left = [.. list.Where(one => !has(one) && !becomesEmpty(one))];
        list.Clear();
        list.AddRange(left);
        return before > 0 && left.Length == 0;
    }

    static bool Has(IMessage message, string name, string text)
    {
        if (message is KeyValue attribute && attribute.Key == name && Texts(attribute.Value).Contains(text)) return true;
        return message.Descriptor.Fields.InDeclarationOrder().Where(field => field.FieldType == Google.Protobuf.Reflection.FieldType.Message).Any(field => field.Accessor.GetValue(message) switch
        {
            System.Collections.IList many => many.Cast<IMessage>().Any(one => Has(one, name, text)),
            IMessage one => Has(one, name, text),
            _ => false,
        });
    }

    static IEnumerable<string> Texts(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.ArrayValue => value.ArrayValue.Values.SelectMany(Texts),
        null or AnyValue.ValueOneofCase.None or AnyValue.ValueOneofCase.KvlistValue => [],
        _ => [Text(value)],
    };

    static string Text(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        _ => value.BytesValue.ToBase64(),
    };

    static ExportErasure ErasureOf(string name, string text)
    {
        var keys = ErasureKeys.Create();
        // By its digest alone, as where a backup was restored.
        var row = new ErasureRow { ErasureId = Guid.NewGuid(), Kind = ErasureKind.Property, Property = name, Digest = keys.DigestOf(name, text), RequestedNs = 0, Counts = default };
        return new ExportErasure([Subject.Of(row, keys)]);
    }

    static Block BlockOf(ExportSignal signal, IMessage request) => Block.Read(BlockWriter.OfOpenTelemetry(new BlockHeader
    {
        BlockId = Guid.Parse("01890000-0000-7000-8000-000000000001"), StreamId = default, ProcessId = default, Schema = Schema.Empty.Hash, Class = signal.ClassOf(), Flags = BlockFlags.Unnumbered,
        Sequence = 1, FirstOrdinal = 0, NextOrdinal = (ulong)CountOf(request), Events = (uint)CountOf(request), FirstTick = 1, LastTick = 9,
        Clock = new BlockClock(0, [new ClockKnot(1, 1, 1), new ClockKnot(10, 10, 10)]),
    }, request.ToByteArray()));

    static string[] Rows(ExportSignal signal, Block block)
    {
        var view = signal switch { ExportSignal.Traces => Views.AsyncSpans, ExportSignal.Metrics => Views.Measures, _ => Views.LogEntries };
        var rows = new RowBuffer(view, view.Stored);
        switch (signal)
        {
            case ExportSignal.Traces: new OtlpSpanDecoder(rows).Add(block, "", ""); break;
            case ExportSignal.Metrics: new OtlpMeasureDecoder(rows).Add(block, "", ""); break;
            default: new OtlpLogDecoder(rows).Add(block, "", ""); break;
        }
        return [.. Enumerable.Range(0, rows.Count).Select(row => string.Join('|', rows.Columns.Select(column => column switch
        {
            TextColumn texts => texts[row],
            ColumnBuffer<long> numbers => numbers[row].ToString(CultureInfo.InvariantCulture),
            ColumnBuffer<double> numbers => numbers[row].ToString(CultureInfo.InvariantCulture),
            _ => "",
        })))];
    }

    static int CountOf(IMessage request) => request switch
    {
        TraceRequest traces => traces.ResourceSpans.Sum(resource => resource.ScopeSpans.Sum(scope => scope.Spans.Count)),
        LogRequest logs => logs.ResourceLogs.Sum(resource => resource.ScopeLogs.Sum(scope => scope.LogRecords.Count)),
        _ => ((MetricRequest)request).ResourceMetrics.Sum(resource => resource.ScopeMetrics.Sum(scope => scope.Metrics.Sum(metric =>
            metric.Gauge?.DataPoints.Count ?? metric.Sum?.DataPoints.Count ?? metric.Histogram?.DataPoints.Count ?? metric.Summary?.DataPoints.Count ?? 0))),
    };
}
