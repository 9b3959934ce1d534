using System.Text;
using Google.Protobuf;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;
using Legion.Tests.Format;

namespace Legion.Tests.Otlp;

/// <summary>Any bytes give a request or <see cref="InvalidDataException"/>, and what is read becomes blocks and rows.</summary>
public sealed class HostileExports
{
    const int Cases = 10_000;

    static readonly (ExportSignal Signal, byte[] Json)[] Requests =
        [.. File.ReadAllLines(Path.Combine(RepositoryTree.Root, "tests", "data", "otlp", "collector.json")).Select((line, i) => ((ExportSignal)(i + 1), Encoding.UTF8.GetBytes(line)))];

    [Fact]
    public void MutatedProtobuf()
    {
        var random = new Random(1);
        var read = 0;
        var good = Requests.Select(request => (request.Signal, Bytes: OtlpJson.Read(Empty(request.Signal), request.Json).ToByteArray())).ToArray();
        for (var i = 0; i < Cases; i++)
        {
            var (signal, bytes) = good[i % good.Length];
            if (TryRead(() => ExportReader.Read(signal, Mutate(random, bytes), keepUnknown: true)) is not { } request) continue;
            read++;
            BecomesRows(signal, request);
        }
        Assert.InRange(read, Cases / 20, Cases);
    }

    [Fact]
    public void MutatedJson()
    {
        var random = new Random(2);
        var read = 0;
        for (var i = 0; i < Cases; i++)
        {
            var (signal, json) = Requests[i % Requests.Length];
            if (TryRead(() => OtlpJson.Read(Empty(signal), Mutate(random, json))) is not { } request) continue;
            read++;
            BecomesRows(signal, request);
        }
        Assert.InRange(read, Cases / 50, Cases);
    }

    [Fact]
    public void NestingAndEmptyMessagesAreLimited()
    {
        // Each level is an array of one value.
        byte[] nested = [];
        for (var i = 0; i < 10_000; i++) nested = i % 2 == 0 ? Sized(1, nested) : Sized(5, nested);
        Assert.Throws<InvalidDataException>(() => ExportReader.Read(ExportSignal.Logs, Sized(1, Sized(2, Sized(2, Sized(5, nested)))), keepUnknown: true));
        Assert.Throws<InvalidDataException>(() => OtlpJson.Read(new LogRequest(), Encoding.UTF8.GetBytes(
            "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":" + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", 10_000)))));

        var empty = new byte[3 * MessageCount.Most];
        for (var i = 0; i < empty.Length; i += 2) empty[i] = 2 << 3 | 2; // a record without a byte in it, each two bytes
        Assert.Contains($"at most {MessageCount.Most}", Assert.Throws<InvalidDataException>(() => ExportReader.Read(ExportSignal.Logs, Sized(1, Sized(2, empty)), keepUnknown: true)).Message, StringComparison.Ordinal);
    }

    static IMessage? TryRead(Func<IMessage> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>As the worker and the views do; only a damaged time may make a block that is none.</summary>
    static void BecomesRows(ExportSignal signal, IMessage request)
    {
        const long ReceivedNs = 1_767_225_600_000_000_000;
        ExportRedaction.Apply(new Redaction { Drop = ["password"], Hash = ["user.email"], Key = "sixteen characters" }, request);
        var batch = new ExportBatch();
        foreach (var export in ResourceExport.Divide(request, ReceivedNs))
            batch.Add(export, new ResourceRow(export.Resource.Digest, Id(), Id(), Id(), Id(), export.EarliestNs), Id(), ReceivedNs);
        foreach (var item in batch.Items.Where(item => item.Kind == BatchItemKind.Block))
        {
            var block = Block.Read(item.Bytes.Span);
            var view = signal switch { ExportSignal.Traces => Views.AsyncSpans, ExportSignal.Metrics => Views.Measures, _ => Views.LogEntries };
            var rows = new RowBuffer(view, view.Stored);
            switch (signal)
            {
                case ExportSignal.Traces: new OtlpSpanDecoder(rows).Add(block, "", ""); break;
                case ExportSignal.Metrics: new OtlpMeasureDecoder(rows).Add(block, "", ""); break;
                default: new OtlpLogDecoder(rows).Add(block, "", ""); break;
            }
            Assert.True(signal == ExportSignal.Metrics ? rows.Count > 0 : rows.Count == block.Header.Events);
            Assert.All(rows.Columns, column => Assert.Equal(rows.Count, column.Count));
        }
    }

    static byte[] Mutate(Random random, byte[] bytes)
    {
        var mutated = bytes.ToArray();
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var at = random.Next(mutated.Length);
            switch (random.Next(5))
            {
                case 0: mutated[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: mutated[at] = (byte)random.Next(256); break;
                case 2: mutated = mutated[..(at + 1)]; break;
                case 3: mutated = [.. mutated[..at], .. mutated[random.Next(mutated.Length)..]]; break;
                default: mutated = [.. mutated[..at], (byte)random.Next(256), .. mutated[at..]]; break;
            }
            if (mutated.Length == 0) return [0];
        }
        return mutated;
    }

    static byte[] Sized(int field, byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(bytes));
        }
        return stream.ToArray();
    }

    static IMessage Empty(ExportSignal signal) => signal switch { ExportSignal.Traces => new TraceRequest(), ExportSignal.Metrics => new MetricRequest(), _ => new LogRequest() };

    static Guid Id() => Guid.CreateVersion7();
}
