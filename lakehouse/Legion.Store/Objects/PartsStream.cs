namespace Legion.Store;

/// <summary>Bytes that lie in several places, read one after the other without copying them together first. Seeks, so that a request can be sent again.</summary>
sealed class PartsStream : Stream
{
    readonly IReadOnlyList<ReadOnlyMemory<byte>> parts;
    long position;
    int part;

    /// <summary>Where <see cref="part"/> begins.</summary>
    long partStart;

    public PartsStream(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        this.parts = parts;
        foreach (var bytes in parts) Length += bytes.Length;
    }

    public override long Length { get; }
    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            if (value < partStart) (part, partStart) = (0, 0);
            position = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && part < parts.Count)
        {
            var bytes = parts[part].Span;
            var offset = position - partStart;
            if (offset >= bytes.Length)
            {
                partStart += bytes.Length;
                part++;
                continue;
            }
            var count = Math.Min(bytes.Length - (int)offset, buffer.Length - read);
            bytes.Slice((int)offset, count).CopyTo(buffer[read..]);
            read += count;
            position += count;
        }
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => position,
        _ => Length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("cannot resize what is read only");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("cannot write what is read only");
}
