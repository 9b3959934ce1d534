using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>
/// Reads a file in Chrome's trace event format, one event after the other: an array of events, or an object with one under <c>traceEvents</c>,
/// compressed with gzip or not. The array may lack its end, as the format allows for programs that were killed.
/// </summary>
/// <remarks>https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU</remarks>
sealed class ChromeFile(Stream file)
{
    /// <summary>One event, or one other value of the object, has at most so many bytes.</summary>
    const int MostBytes = 64 << 20;

    enum Place
    {
        Begin,
        Object,
        Value,
        BeginOfEvents,
        Events,
        End,
    }

    byte[] buffer = new byte[1 << 20];
    int next, filled;
    long before;
    bool isWhole;
    JsonReaderState state = new(new JsonReaderOptions { AllowTrailingCommas = true });
    Place place;
    bool isBareArray, hasEvents;
    string name = "";

    /// <summary>What the object has beside the events, as far as it has been read.</summary>
    public Dictionary<string, JsonElement> Others { get; } = new(StringComparer.Ordinal);

    /// <summary>Where and how the file ends too early; null where it does not, or only the array's end is missing.</summary>
    public string? Damage { get; private set; }

    /// <summary>Opens a file to be read once, decompressed where it is of gzip.</summary>
    public static Stream Open(string path)
    {
        var file = ImportedFile.Open(path);
        var isCompressed = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    static ReadOnlySpan<byte> ByteOrderMark => [0xef, 0xbb, 0xbf];

    /// <summary>Whether a JSON text is of this format: an array, or an object of which none of the first keys is that of another.</summary>
    public static bool Is(ReadOnlySpan<byte> begin)
    {
        var reader = new Utf8JsonReader(begin.StartsWith(ByteOrderMark) ? begin[ByteOrderMark.Length..] : begin, isFinalBlock: false, default);
        try
        {
            if (!reader.Read()) return false;
            if (reader.TokenType == JsonTokenType.StartArray) return true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("traceEvents")) return true;
                if (!reader.TrySkip()) return false;
            }
        }
        catch (JsonException)
        {
            // Whoever reads it says what is wrong with it.
        }
        return false;
    }

    /// <exception cref="InvalidDataException">The file is no such trace.</exception>
    public async IAsyncEnumerable<JsonElement> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (place != Place.End)
        {
            if (TryNext(out var item))
            {
                if (item is { } one) yield return one;
                continue;
            }
            if (isWhole)
            {
                if (place != Place.Events) throw new InvalidDataException($"byte {before + next}: expected traceEvents, saw the end of the file");
                if (buffer.AsSpan(next, filled - next).ContainsAnyExcept(" \t\r\n,"u8)) Damage = $"byte {before + next}: expected the end of an event, saw the end of the file";
                yield break;
            }
            await FillAsync(cancellation);
        }
        if (!isBareArray && !hasEvents) throw new InvalidDataException($"byte {before + next}: expected traceEvents, saw the end of the object");
    }

    /// <returns>False where more bytes are needed; true with nothing where something else than an event was read.</returns>
    bool TryNext(out JsonElement? item)
    {
        item = null;
        var reader = new Utf8JsonReader(buffer.AsSpan(next, filled - next), isFinalBlock: false, state);
        try
        {
            switch (place)
            {
                case Place.Begin:
                    if (!reader.Read()) return false;
                    isBareArray = reader.TokenType == JsonTokenType.StartArray;
                    place = isBareArray ? Place.Events : reader.TokenType == JsonTokenType.StartObject ? Place.Object
                        : throw new InvalidDataException($"byte 0: expected an array or an object, saw {reader.TokenType}");
                    break;
                case Place.Object:
                    if (!reader.Read()) return false;
                    name = reader.TokenType == JsonTokenType.EndObject ? "" : reader.GetString()!;
                    place = reader.TokenType == JsonTokenType.EndObject ? Place.End : name == "traceEvents" ? Place.BeginOfEvents : Place.Value;
                    break;
                case Place.Value:
                    if (!JsonDocument.TryParseValue(ref reader, out var value)) return false;
                    using (value) Others[name] = value.RootElement.Clone();
                    place = Place.Object;
                    break;
                case Place.BeginOfEvents:
                    if (!reader.Read()) return false;
                    if (reader.TokenType != JsonTokenType.StartArray) throw new InvalidDataException($"byte {before + next}: expected an array of events, saw {reader.TokenType}");
                    (place, hasEvents) = (Place.Events, true);
                    break;
                case Place.Events:
                    if (!reader.Read()) return false;
                    if (reader.TokenType == JsonTokenType.EndArray)
                    {
                        place = isBareArray ? Place.End : Place.Object;
                        break;
                    }
                    if (!JsonDocument.TryParseValue(ref reader, out var found)) return false;
                    using (found) item = found.RootElement.Clone();
                    break;
            }
        }
        catch (JsonException cause)
        {
            if (place != Place.Events) throw new InvalidDataException($"byte {before + next}: expected JSON: {cause.Message}", cause);
            Damage = $"byte {before + next}: expected an event: {cause.Message}";
            place = Place.End;
            return true;
        }
        state = reader.CurrentState;
        next += (int)reader.BytesConsumed;
        return true;
    }

    async Task FillAsync(CancellationToken cancellation)
    {
        buffer.AsSpan(next, filled - next).CopyTo(buffer);
        before += next;
        (next, filled) = (0, filled - next);
        if (filled == buffer.Length)
        {
            if (buffer.Length >= MostBytes) throw new InvalidDataException($"byte {before}: expected a value of at most {MostBytes} bytes, saw more");
            Array.Resize(ref buffer, 2 * buffer.Length);
        }
        var read = await file.ReadAtLeastAsync(buffer.AsMemory(filled), 1, throwOnEndOfStream: false, cancellation);
        filled += read;
        if (place == Place.Begin && buffer.AsSpan(0, filled).StartsWith(ByteOrderMark)) next = ByteOrderMark.Length;
        isWhole = read == 0;
    }
}
