using Legion.Format;

namespace Legion.Lakehouse.Import;

/// <summary>Reads a <c>.legion</c> file: batches one after the other.</summary>
sealed class RecordingFile : IDisposable
{
    readonly FileStream file;
    readonly string path;

    RecordingFile(FileStream file, string path)
    {
        this.file = file;
        this.path = path;
    }

    /// <exception cref="InvalidDataException">The file is no recording.</exception>
    public static RecordingFile Open(string path)
    {
        var recording = new RecordingFile(ImportedFile.Open(path), path);
        try
        {
            recording.ReadPrefix();
            recording.file.Position = 0;
            return recording;
        }
        catch (InvalidDataException cause)
        {
            recording.Dispose();
            throw new InvalidDataException($"expected a .legion recording; {cause.Message}", cause);
        }
    }

    /// <returns>The items of the next batch; null at the end.</returns>
    /// <exception cref="InvalidDataException">The rest of the file is damaged or cut off.</exception>
    public IReadOnlyList<BatchItem>? Next()
    {
        var start = file.Position;
        if (start == file.Length) return null;
        try
        {
            var bytes = ReadPrefix();
            if (bytes > file.Length - start) throw new InvalidDataException($"batch: expected {bytes} bytes, saw {file.Length - start}");
            file.Position = start;
            var batch = GC.AllocateUninitializedArray<byte>((int)bytes);
            file.ReadExactly(batch);
            return Batch.Read(batch);
        }
        catch (Exception cause) when (cause is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"'{path}' at byte {start}: {cause.Message}", cause);
        }
    }

    public void Dispose() => file.Dispose();

    /// <returns>Bytes of the batch that begins here.</returns>
    long ReadPrefix()
    {
        Span<byte> prefix = stackalloc byte[Batch.PrefixBytes];
        var read = file.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        var bytes = Batch.TotalBytes(prefix[..read]);
        return bytes <= Array.MaxLength ? bytes : throw new InvalidDataException($"batch: expected at most {Array.MaxLength} bytes, saw {bytes}");
    }
}
