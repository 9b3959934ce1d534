using Legion.Format;
using Microsoft.Win32.SafeHandles;

namespace Legion.Sdk;

/// <summary>A block that is on disk as well.</summary>
sealed class SpooledBlock(SpoolFolder folder, string path, Guid streamId)
{
    public string Path => path;
    public Guid StreamId => streamId;

    /// <summary>True once the server has the block, or will never take it.</summary>
    public bool IsSettled { get; set; }

    /// <exception cref="IOException">The file is gone or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public byte[] ReadBlock() => SpoolFile.Read(File.ReadAllBytes(path)).Block;

    /// <summary>The block need not be kept any more.</summary>
    public void Settle() => folder.Settle(this);

    /// <summary>Puts a gap record in the block's place.</summary>
    /// <returns>False when it could not be written: nothing is on disk then.</returns>
    public bool TryGiveUp(byte[] gap) => folder.TryGiveUp(this, gap);
}

/// <summary>
/// What a process has in the spool: segments that outlive it, and its blocks until the server has them.
/// The last block of each stream stays even then, as it says how far the stream was cut.
/// </summary>
sealed class SpoolFolder : IDisposable
{
    readonly string path;
    readonly SelfLog selfLog;
    readonly FileStream held;
    readonly Lock keeping = new();
    readonly Dictionary<Guid, SpooledBlock> newest = [];
    ProcessRecord? process;
    long number;
    bool reportedFailure;

    SpoolFolder(string path, SelfLog selfLog, FileStream held, long lastBlock)
    {
        this.path = path;
        this.selfLog = selfLog;
        this.held = held;
        number = lastBlock;
    }

    /// <summary>Null while its segments are those of a dead process.</summary>
    public DefinitionFile? Definitions { get; private set; }

    /// <summary>Makes a folder for a process, and its segments in it. Null where that cannot be: the recording then goes on in memory alone.</summary>
    public static SpoolFolder? TryCreate(string root, Guid processId, int segments, SelfLog selfLog, out SegmentArea? area)
    {
        area = null;
        if (!NativePages.CanMap) return null;
        var path = Path.Combine(root, processId.ToString());
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(path);
            held = new FileStream(Path.Combine(path, SpoolNames.Lock), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            if (TryTakeOver(path, selfLog) is { } stolen)
            {
                stolen.Dispose();
                throw new NotSupportedException("files are not locked here, and another process could not tell that this one lives");
            }
            var bytes = SegmentArea.BytesFor(segments);
            using (var file = File.OpenHandle(Path.Combine(path, SpoolNames.Segments), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.None, bytes))
            {
                // The blocks are there now, so that no write can find the disk full; the length says so to readers.
                NativePages.Allocate(file, bytes);
                RandomAccess.SetLength(file, bytes);
                area = SegmentArea.Map(file, processId, segments);
            }
            var definitions = new FileStream(Path.Combine(path, SpoolNames.Definitions), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            return new SpoolFolder(path, selfLog, held, lastBlock: -1) { Definitions = new DefinitionFile(definitions, selfLog) };
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or OutOfMemoryException or ArgumentException or NotSupportedException)
        {
            selfLog.Report($"cannot keep a spool in '{root}', recording in memory alone: {refused.Message}");
            area?.Discard();
            area = null;
            held?.Dispose();
            DurableFile.TryDeleteFolder(path);
            return null;
        }
    }

    /// <summary>The folder of a process that is dead; null where it lives, or another process sees to it.</summary>
    public static SpoolFolder? TryTakeOver(string path, SelfLog selfLog)
    {
        try
        {
            var held = new FileStream(Path.Combine(path, SpoolNames.Lock), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return new SpoolFolder(path, selfLog, held, SpoolNames.LastBlock(path));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes the record that a dead process has left for that of the blocks to come.</summary>
    public void Resume(ProcessRecord record) => process = record;

    /// <summary>Keeps the record of the process, which says how it ended if nothing else does.</summary>
    public void Keep(ProcessRecord record)
    {
        process = record;
        var batch = new BatchWriter();
        batch.Add(record);
        TryWrite(SpoolNames.Process, batch.ToArray());
    }

    /// <summary>Puts a block on disk. Once it is there, the segments that it was made of are needed no more.</summary>
    /// <returns>False when it could not be written.</returns>
    public bool TryStore(FinishedBlock block, StreamRecord stream, CutState state)
    {
        if (process is null) return false;
        var name = SpoolNames.Block(++number);
        var file = new SpoolFile
        {
            Process = process, Stream = stream, Schema = block.Schema, Header = block.Header, Block = block.Bytes,
            Gap = block.ToGap(GapReason.Spool).Bytes, State = state.ToBytes(),
        };
        if (!TryWrite(name, file.ToBytes())) return false;
        var spooled = new SpooledBlock(this, Path.Combine(path, name), block.Header.StreamId);
        block.Spooled = spooled;
        SpooledBlock? before;
        lock (keeping)
        {
            newest.TryGetValue(spooled.StreamId, out before);
            newest[spooled.StreamId] = spooled;
            if (before is { IsSettled: false }) before = null;
        }
        if (before is not null) DurableFile.TryDelete(before.Path);
        return true;
    }

    /// <summary>Nothing more comes of the stream: its last block need not stay when the server has it.</summary>
    public void Leave(Guid streamId)
    {
        SpooledBlock? last;
        lock (keeping)
        {
            if (!newest.Remove(streamId, out last) || !last.IsSettled) return;
        }
        DurableFile.TryDelete(last.Path);
    }

    public void Settle(SpooledBlock block)
    {
        lock (keeping)
        {
            block.IsSettled = true;
            if (newest.TryGetValue(block.StreamId, out var last) && last == block) return;
        }
        DurableFile.TryDelete(block.Path);
    }

    public bool TryGiveUp(SpooledBlock block, byte[] gap)
    {
        try
        {
            var file = SpoolFile.Read(File.ReadAllBytes(block.Path));
            DurableFile.Write(block.Path, (file with { Block = gap, Gap = null, Header = BlockHeaderBytes.Read(gap, out _) }).ToBytes());
            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The block itself stays: after a crash it is sent after all, under the same id, and how far its stream was cut is still known.
            return false;
        }
    }

    /// <summary>The segments are read and in blocks, or cannot be trusted: nobody shall read them again.</summary>
    public void DropSegments()
    {
        Definitions?.Dispose();
        DurableFile.TryDelete(Path.Combine(path, SpoolNames.Segments));
        DurableFile.TryDelete(Path.Combine(path, SpoolNames.Definitions));
    }

    /// <summary>Deletes all there is of the process.</summary>
    public void Delete()
    {
        Definitions?.Dispose();
        DurableFile.TryDeleteFolder(path);
    }

    /// <summary>Lets other processes see to what is left.</summary>
    public void Dispose()
    {
        Definitions?.Dispose();
        held.Dispose();
    }

    public string[] Blocks() => SpoolNames.Blocks(path);

    public ProcessRecord? ReadProcess()
    {
        var file = Path.Combine(path, SpoolNames.Process);
        if (!File.Exists(file)) return null;
        var item = Batch.Read(File.ReadAllBytes(file)).FirstOrDefault(item => item.Kind == BatchItemKind.Process);
        return item.Bytes.IsEmpty ? null : ProcessRecord.Read(item.Bytes.Span);
    }

    /// <summary>The segments that a dead process has left; null where there are none.</summary>
    /// <exception cref="InvalidDataException">They are of another version, or damaged.</exception>
    public SegmentArea? OpenSegments()
    {
        var file = Path.Combine(path, SpoolNames.Segments);
        if (!File.Exists(file)) return null;
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return SegmentArea.Open(handle);
    }

    public Definitions ReadDefinitions()
    {
        var file = Path.Combine(path, SpoolNames.Definitions);
        return DefinitionFile.Read(File.Exists(file) ? File.ReadAllBytes(file) : []);
    }

    bool TryWrite(string name, byte[] bytes)
    {
        var target = Path.Combine(path, name);
        try
        {
            DurableFile.Write(target, bytes);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            DurableFile.TryDelete(target + SpoolNames.Unfinished);
            if (!reportedFailure) selfLog.Report($"cannot write to the spool '{path}', blocks wait in memory: {refused.Message}");
            reportedFailure = true;
            return false;
        }
    }
}
