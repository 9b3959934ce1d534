using Legion.Format;
using Legion.Sdk;
using Xunit;

namespace Legion.Tests.Sdk;

[Collection(SdkCollection.Name)]
public sealed class FileSinkTests
{
    [Fact]
    public void A_file_is_batches_of_which_the_first_has_the_records_and_the_schema()
    {
        var path = Path.GetTempFileName();
        try
        {
            Guid process;
            using (var recording = Telemetry.Start(new TelemetryOptions { File = path }))
            {
                process = recording.ProcessId;
                for (var i = 0; i < 3; i++)
                {
                    using (Telemetry.Span("span")) { }
                    Assert.True(recording.Flush(TimeSpan.FromSeconds(30)));
                }
            }
            var items = Read(File.ReadAllBytes(path));
            var blocks = items.Where(item => item.Kind == BatchItemKind.Block).ToArray();
            Assert.Equal(3, blocks.Length);
            Assert.Single(items, item => item.Kind == BatchItemKind.Schema);
            Assert.Single(items, item => item.Kind == BatchItemKind.Stream);
            Assert.True(items.FindIndex(item => item.Kind == BatchItemKind.Schema) < items.FindIndex(item => item.Kind == BatchItemKind.Block));
            var last = ProcessRecord.Read(items.Last(item => item.Kind == BatchItemKind.Process).Bytes.Span);
            Assert.Equal((process, "exit"), (last.ProcessId, last.EndReason));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_full_disk_reaches_the_self_log_and_not_the_program()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        var said = new List<string>();
        var recording = Telemetry.Start(new TelemetryOptions { File = "/dev/full", SelfLog = said.Add, EndTimeout = TimeSpan.FromSeconds(20) });
        for (var i = 0; i < 1000; i++)
        {
            using var span = Telemetry.Span("span");
        }
        Assert.False(recording.Flush(TimeSpan.FromSeconds(20)));
        recording.Dispose();
        Assert.Equal((2000, 0), (recording.Statistics.Recorded.Trace, recording.Statistics.Sink.StoredEvents));
        Assert.Contains(said, sentence => sentence.StartsWith("cannot write '/dev/full'"));
    }

    [Fact]
    public void A_self_log_that_throws_is_not_asked_again()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        var asked = 0;
        using (var recording = Telemetry.Start(new TelemetryOptions { File = "/dev/full", SelfLog = _ => throw new InvalidOperationException($"asked {++asked} times") }))
        {
            for (var i = 0; i < 3; i++)
            {
                using (Telemetry.Span("span")) { }
                recording.Flush(TimeSpan.FromSeconds(20));
            }
        }
        Assert.Equal(1, asked);
    }

    static List<BatchItem> Read(byte[] file)
    {
        var items = new List<BatchItem>();
        for (var at = 0; at < file.Length;)
        {
            var bytes = (int)Batch.TotalBytes(file.AsSpan(at, Batch.PrefixBytes));
            items.AddRange(Batch.Read(file.AsMemory(at, bytes)));
            at += bytes;
        }
        return items;
    }
}
