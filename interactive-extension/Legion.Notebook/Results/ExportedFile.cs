namespace Legion.Notebook;

/// <summary>A file that was written.</summary>
[TypeFormatterSource(typeof(DisplayFormatters), PreferredMimeTypes = [MimeType.Plain])]
public sealed record ExportedFile(string Path, long Bytes) : IDisplayForms
{
    public override string ToString() => $"{Path}, {ReceiptText.Bytes(Bytes)}";

    string? IDisplayForms.Form(string mimeType) => mimeType == MimeType.Plain ? ToString() : null;
}
