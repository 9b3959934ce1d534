namespace Legion.Viewer;

/// <summary>Images that a browser may show: of pixels alone, which SVG is not.</summary>
static class SafeImage
{
    /// <summary>The type as which content is shown; null where it is no such image, whatever its program says.</summary>
    public static string? TypeOf(string mediaType, ReadOnlySpan<byte> content)
    {
        var type = mediaType.ToLowerInvariant();
        var isWhatItSays = type switch
        {
            "image/png" => content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]),
            "image/jpeg" => content.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]),
            "image/gif" => content.StartsWith("GIF87a"u8) || content.StartsWith("GIF89a"u8),
            "image/webp" => content.Length >= 12 && content.StartsWith("RIFF"u8) && content[8..].StartsWith("WEBP"u8),
            _ => false,
        };
        return isWhatItSays ? type : null;
    }
}
