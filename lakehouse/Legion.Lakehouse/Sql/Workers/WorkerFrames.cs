using System.Buffers.Binary;
using System.Text;

namespace Legion.Lakehouse.Sql.Workers;

/// <summary>What a host asks of its worker.</summary>
enum WorkerRequest : byte
{
    /// <summary>SQL; answered by <see cref="WorkerReply.Done"/>.</summary>
    Execute = 1,

    /// <summary>SQL and parameters; answered by <see cref="WorkerReply.Texts"/>.</summary>
    ReadTexts = 2,

    /// <summary>A table and rows; answered by <see cref="WorkerReply.Done"/>.</summary>
    Append = 3,

    /// <summary>Most rows, SQL and parameters; answered by <see cref="WorkerReply.Bytes"/> and then <see cref="WorkerReply.Done"/>.</summary>
    Run = 4,
}

/// <summary>What a worker answers; any request may be answered by <see cref="Failed"/>.</summary>
enum WorkerReply : byte
{
    /// <summary>Once, before anything was asked: what confines it.</summary>
    Ready = 1,

    /// <summary>Of <see cref="WorkerRequest.Run"/>, rows that it gave and most bytes that its engine took at once.</summary>
    Done = 2,

    Texts = 3,

    /// <summary>Some of an Arrow stream.</summary>
    Bytes = 4,

    /// <summary>The engine's own words.</summary>
    Failed = 5,
}

/// <summary>Requests and replies between a host and its worker, over the worker's standard input and output: a byte of kind, four of length (little endian), and so many bytes.</summary>
static class WorkerFrames
{
    /// <summary>Of a frame, in bytes: more is a sign that the other side is out of step.</summary>
    const int MostBytes = 64 << 20;

    public static void Write(Stream output, byte kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], payload.Length);
        output.Write(head);
        output.Write(payload);
        output.Flush();
    }

    public static void Write(Stream output, byte kind, Action<BinaryWriter> write)
    {
        var payload = new MemoryStream();
        using (var writer = new BinaryWriter(payload, Encoding.UTF8, leaveOpen: true)) write(writer);
        if (payload.Length > MostBytes) throw new QueryException($"a query with a row, or texts, of {payload.Length} bytes at once cannot be run: {MostBytes} are the most");
        Write(output, kind, payload.GetBuffer().AsSpan(0, (int)payload.Length));
    }

    /// <exception cref="EndOfStreamException">The other side is gone.</exception>
    /// <exception cref="InvalidDataException">It sends something else.</exception>
    public static (byte Kind, byte[] Payload) Read(Stream input)
    {
        Span<byte> head = stackalloc byte[5];
        input.ReadExactly(head);
        var payload = new byte[LengthOf(head)];
        input.ReadExactly(payload);
        return (head[0], payload);
    }

    /// <inheritdoc cref="Read"/>
    public static async ValueTask<(byte Kind, byte[] Payload)> ReadAsync(Stream input, CancellationToken cancellation)
    {
        var head = new byte[5];
        await input.ReadExactlyAsync(head, cancellation);
        var payload = new byte[LengthOf(head)];
        await input.ReadExactlyAsync(payload, cancellation);
        return (head[0], payload);
    }

    public static BinaryReader Open(byte[] payload) => new(new MemoryStream(payload, writable: false), Encoding.UTF8);

    /// <summary>A value with its type.</summary>
    /// <exception cref="QueryException">No parameter is of its type.</exception>
    public static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)TypeCode.Empty);
                break;
            case bool truth:
                writer.Write((byte)TypeCode.Boolean);
                writer.Write(truth);
                break;
            case int number:
                writer.Write((byte)TypeCode.Int32);
                writer.Write(number);
                break;
            case long number:
                writer.Write((byte)TypeCode.Int64);
                writer.Write(number);
                break;
            case ulong number:
                writer.Write((byte)TypeCode.UInt64);
                writer.Write(number);
                break;
            case double number:
                writer.Write((byte)TypeCode.Double);
                writer.Write(number);
                break;
            case DateTime time:
                writer.Write((byte)TypeCode.DateTime);
                writer.Write(time.ToBinary());
                break;
            case string text:
                writer.Write((byte)TypeCode.String);
                writer.Write(text);
                break;
            default:
                throw new QueryException($"expected a value that is null, a bool, a number, text or a time, saw {value.GetType().Name}");
        }
    }

    public static object? ReadValue(BinaryReader reader) => (TypeCode)reader.ReadByte() switch
    {
        TypeCode.Empty => null,
        TypeCode.Boolean => reader.ReadBoolean(),
        TypeCode.Int32 => reader.ReadInt32(),
        TypeCode.Int64 => reader.ReadInt64(),
        TypeCode.UInt64 => reader.ReadUInt64(),
        TypeCode.Double => reader.ReadDouble(),
        TypeCode.DateTime => DateTime.FromBinary(reader.ReadInt64()),
        TypeCode.String => reader.ReadString(),
        var other => throw new InvalidDataException($"expected a value of a known type, saw {other}"),
    };

    public static void Write(BinaryWriter writer, IReadOnlyList<EngineParameter> parameters)
    {
        writer.Write(parameters.Count);
        foreach (var (name, value) in parameters)
        {
            writer.Write(name);
            Write(writer, value);
        }
    }

    public static IReadOnlyList<EngineParameter> ReadParameters(BinaryReader reader)
    {
        var parameters = new EngineParameter[reader.ReadInt32()];
        for (var i = 0; i < parameters.Length; i++) parameters[i] = new EngineParameter(reader.ReadString(), ReadValue(reader));
        return parameters;
    }

    static int LengthOf(ReadOnlySpan<byte> head)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[1..]);
        return length is >= 0 and <= MostBytes ? length : throw new InvalidDataException($"expected a frame of at most {MostBytes} bytes, saw {length}");
    }
}
