using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Writes events of all threads into one stream's blocks; each event names its thread and its properties.</summary>
sealed class MergedWriter(Guid processId, Guid streamId, StreamClass streamClass, Schema schema)
{
    readonly BlockAssembly assembly = new(processId, streamId, streamClass, schema);
    readonly Dictionary<uint, uint> declarations = [];
    readonly Dictionary<OpenContext, uint> properties = [];
    readonly List<Property> merged = [];

    /// <summary>Events are written to this, and then counted.</summary>
    public BlockWriter Block => assembly.Block;

    /// <summary>Bytes, with what they refer to, of the events since the last cut.</summary>
    public int EventBytes => Block.RowBytes + Block.Dependencies.Bytes;

    public bool IsEmpty => assembly.IsEmpty;
    public ulong FirstTick => assembly.FirstTick;
    public ulong LastTick => assembly.LastTick;

    /// <summary>Goes on behind the stream's last block.</summary>
    public void Resume(ulong sequence, ulong nextOrdinal) => assembly.Resume(sequence, nextOrdinal);

    public void Count(ulong tick) => assembly.Count(tick);

    public void Lose(in Gap gap) => assembly.Lose(gap);

    /// <summary>Takes back what was written of an event that failed in the middle.</summary>
    public void DropUncounted() => assembly.DropUncounted();

    public ThreadReference Thread(RecordedThread thread) => new(thread.ThreadId, Block.Dependencies.String(thread.ThreadName));

    public uint Site(Declaration declaration)
    {
        if (!declarations.TryGetValue(declaration.Id, out var site)) declarations.Add(declaration.Id, site = Block.Dependencies.Site(declaration.Site));
        return site;
    }

    public uint Template(Declaration declaration)
    {
        if (!declarations.TryGetValue(declaration.Id, out var template))
            declarations.Add(declaration.Id, template = Block.Dependencies.Template(declaration.Template!));
        return template;
    }

    public uint Unit(Declaration declaration) => declaration.Unit.Length == 0 ? FormatLimits.NoReference : Block.Dependencies.String(declaration.Unit);

    public uint Properties(OpenContext? context)
    {
        if (context is null) return FormatLimits.NoReference;
        if (!properties.TryGetValue(context, out var set)) properties.Add(context, set = Block.Dependencies.PropertySet(context.ToProperties()));
        return set;
    }

    /// <summary>The properties of the context and behind them an event's own, of which a block has few different ones.</summary>
    public uint Properties(OpenContext? context, ReadOnlySpan<Property> own)
    {
        if (own.IsEmpty) return Properties(context);
        merged.Clear();
        if (context is not null) merged.AddRange(context.ToProperties());
        merged.AddRange(own);
        return Block.Dependencies.PropertySet(CollectionsMarshal.AsSpan(merged));
    }

    public FinishedBlock Cut(Guid blockId, BlockClock clock)
    {
        var finished = assembly.Finish(blockId, clock, [], [], OpenScopes.None);
        declarations.Clear();
        properties.Clear();
        return finished;
    }
}
