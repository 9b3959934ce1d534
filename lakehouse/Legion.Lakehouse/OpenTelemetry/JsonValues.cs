namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Divides a file into the JSON objects that stand in it one after the other, a line each or over many lines, without reading what is in them.</summary>
sealed class JsonValues(Stream file)
{
    readonly byte[] buffer = new byte[64 << 10];
    readonly MemoryStream value = new();
    int next;
    int filled;

    /// <returns>The next object; null at the end.</returns>
    /// <exception cref="InvalidDataException">Something else stands there, the object is too large, or the file ends in it.</exception>
    public async Task<byte[]?> NextAsync(CancellationToken cancellation)
    {
        value.SetLength(0);
        var (depth, isText, isEscaped) = (0, false, false);
        while (true)
        {
            if (next == filled)
            {
                (next, filled) = (0, await file.ReadAsync(buffer, cancellation));
                if (filled == 0) return value.Length == 0 ? null : throw new InvalidDataException($"expected the end of a JSON object of {value.Length} bytes so far, saw the end of the file");
            }
            var start = next;
            while (next < filled)
            {
                var current = buffer[next++];
                if (depth == 0)
                {
                    if (current is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                    {
                        start = next;
                        continue;
                    }
                    if (current != (byte)'{') throw new InvalidDataException($"expected a JSON object, saw '{(char)current}'");
                }
                if (isEscaped) isEscaped = false;
                else if (isText && current == (byte)'\\') isEscaped = true;
                else if (current == (byte)'"') isText = !isText;
                else if (isText) continue;
                else if (current is (byte)'{' or (byte)'[') depth++;
                else if (current is (byte)'}' or (byte)']' && --depth == 0)
                {
                    Take(start);
                    return value.ToArray();
                }
            }
            Take(start);
        }
    }

    void Take(int start)
    {
        value.Write(buffer, start, next - start);
        if (value.Length > ExportReader.MostBytes) throw new InvalidDataException($"expected a JSON object of at most {ExportReader.MostBytes} bytes, saw more");
    }
}
