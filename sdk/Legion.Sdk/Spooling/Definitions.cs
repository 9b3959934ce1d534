using Legion.Format;

namespace Legion.Sdk;

/// <summary>What the ids in records stand for.</summary>
/// <param name="Shapes">Where they are those of a dead process: all there are.</param>
readonly record struct Definitions(Func<uint, Declaration> Declaration, Func<uint, EventShape> Shape, IReadOnlyCollection<EventShape> Shapes)
{
    /// <summary>Those of this process.</summary>
    public static Definitions Live { get; } = new(LiveDeclaration, LiveShape, []);

    /// <summary>The declaration of a log.</summary>
    /// <exception cref="InvalidDataException">It is another's.</exception>
    public Declaration Log(uint id) => Declaration(id) is { Template: not null } log ? log : throw new InvalidDataException($"expected a log of a known template, saw declaration {id}");

    static Declaration LiveDeclaration(uint id) => DeclarationTable.TryGet(id) ?? throw new InvalidDataException($"expected a record of a known declaration, saw {id}");

    static EventShape LiveShape(uint id) => EventShape.TryGet(id) ?? throw new InvalidDataException($"expected a record of a known event type, saw {id}");
}

/// <summary>Keeps what ids stand for in a file, each before the first record that uses it.</summary>
sealed class DefinitionFile(FileStream file, SelfLog selfLog) : IDisposable
{
    const byte DeclarationKind = 1, ShapeKind = 2;

    readonly Lock writing = new();
    readonly ByteWriter entry = new(256);
    bool failed;

    public void Add(Declaration declaration)
    {
        lock (writing)
        {
            entry.Clear();
            entry.U8(DeclarationKind);
            entry.U32(declaration.Id);
            Write(declaration.Site);
            entry.String(declaration.Unit);
            entry.U32((uint)declaration.Holes);
            entry.U8(declaration.NameIsDynamic ? (byte)1 : (byte)0);
            Property.WriteList(entry, [.. declaration.Properties]);
            entry.U8(declaration.Template is null ? (byte)0 : (byte)1);
            if (declaration.Template is { } template)
            {
                entry.String(template.Text);
                Write(template.Site);
            }
            Append();
        }
    }

    public void Add(EventShape shape)
    {
        lock (writing)
        {
            entry.Clear();
            entry.U8(ShapeKind);
            entry.U32(shape.Id);
            entry.U32((uint)shape.FixedBytes);
            entry.U32((uint)shape.TextOffsets.Length);
            foreach (var offset in shape.TextOffsets) entry.U32((uint)offset);
            entry.Sized(shape.Schema.Bytes);
            Append();
        }
    }

    /// <summary>Reads the file of a dead process. What comes after a damaged entry is not known, and records that need it are lost.</summary>
    public static Definitions Read(ReadOnlySpan<byte> bytes)
    {
        var declarations = new Dictionary<uint, Declaration>();
        var shapes = new Dictionary<uint, EventShape>();
        try
        {
            var reader = new ByteReader(bytes, "definitions");
            while (reader.Remaining > 0)
            {
                var checksum = reader.U32();
                var body = reader.Sized();
                if (Crc32C.Of(body) != checksum) break;
                Read(body, declarations, shapes);
            }
        }
        catch (InvalidDataException)
        {
            // The process was killed while it wrote the last one, whose first record it then has not made.
        }
        return new Definitions(
            id => declarations.TryGetValue(id, out var declaration) ? declaration : throw new InvalidDataException($"expected a record of a known declaration, saw {id}"),
            id => shapes.TryGetValue(id, out var shape) ? shape : throw new InvalidDataException($"expected a record of a known event type, saw {id}"),
            shapes.Values);
    }

    public void Dispose() => file.Dispose();

    static void Read(ReadOnlySpan<byte> body, Dictionary<uint, Declaration> declarations, Dictionary<uint, EventShape> shapes)
    {
        var reader = new ByteReader(body, "definition");
        var kind = reader.U8();
        var id = reader.U32();
        if (kind == DeclarationKind)
        {
            var site = ReadSite(ref reader);
            var unit = reader.String();
            var holes = (int)reader.U32();
            var nameIsDynamic = reader.U8() != 0;
            var properties = Property.ReadList(ref reader);
            var template = reader.U8() == 0 ? null : new Template(reader.String(), ReadSite(ref reader));
            declarations[id] = new Declaration(id, site) { Unit = unit, Holes = holes, NameIsDynamic = nameIsDynamic, Properties = properties, Template = template };
        }
        else if (kind == ShapeKind)
        {
            var fixedBytes = (int)reader.U32();
            var textOffsets = new int[reader.Count(4)];
            for (var i = 0; i < textOffsets.Length; i++) textOffsets[i] = (int)reader.U32();
            shapes[id] = new EventShape(id, Schema.Read(reader.Sized()), fixedBytes, textOffsets);
        }
    }

    static Site ReadSite(ref ByteReader reader) => new(reader.String(), reader.String(), reader.String(), (int)reader.U32());

    void Write(Site site)
    {
        entry.String(site.Name);
        entry.String(site.Target);
        entry.String(site.File);
        entry.U32((uint)site.Line);
    }

    void Append()
    {
        if (failed) return;
        var framed = new ByteWriter(entry.Length + 8);
        framed.U32(Crc32C.Of(entry.Written));
        framed.Sized(entry.Written);
        try
        {
            file.Write(framed.Written);
        }
        catch (Exception cause) when (cause is IOException or ArgumentOutOfRangeException)
        {
            // The latter where the system limits the size of files.
            failed = true;
            selfLog.Report($"cannot keep what records refer to: a crash will lose those of new call sites: {cause.Message}");
        }
    }
}
