using System.Buffers;
using System.Text.Json;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;

namespace Legion.Ingestion;

/// <summary>Takes the batches of the program's own recording straight to the lake, into the tenant <see cref="Tenant.System"/>: no request is made of them, and so none is recorded.</summary>
sealed class LakeTransport(BlockAppend append) : ITransport
{
    readonly CancellationTokenSource disposal = new();

    /// <exception cref="IOException">The lake cannot be written to, or the transport was disposed.</exception>
    public Reply Post(ReadOnlyMemory<byte> batch)
    {
        try
        {
            var answer = append.AppendAsync(Tenant.System, Batch.Read(batch), disposal.Token).GetAwaiter().GetResult();
            var bytes = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(bytes)) AnswerJson.Write(json, answer, ProcessNews.None, null);
            return new Reply(answer.IsMissingSomething ? 424 : 200, bytes.WrittenSpan.ToArray());
        }
        catch (OperationCanceledException cause)
        {
            throw new IOException("the recording has ended", cause);
        }
    }

    public void Dispose() => disposal.Cancel();
}
