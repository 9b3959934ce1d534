using Legion.Notebook;

namespace Legion.Kernel.Display;

/// <summary>One value in several forms, from which a front end takes the richest that it can show.</summary>
public sealed record MimeBundle(IReadOnlyDictionary<string, string> Forms)
{
    public const string Plain = "text/plain";
    public const string Html = "text/html";
    public const string Png = "image/png";
    public const string Svg = "image/svg+xml";

    /// <summary>A Plotly figure: an object with data and layout.</summary>
    public const string Plotly = "application/vnd.plotly.v1+json";

    /// <summary>A live cell: <c>{"module": "flame", "model": {...}, "note": "..."}</c>, drawn by the module's <c>render({model, el})</c>.</summary>
    public const string Cell = "application/vnd.legion.cell+json";

    /// <summary>What a cell may ask while it is shown, where it can; null: it has all that it will ever have.</summary>
    public ILiveResult? Live { get; init; }

    public string? this[string mimeType] => Forms.GetValueOrDefault(mimeType);

    public static MimeBundle Text(string text) => new(new Dictionary<string, string> { [Plain] = text });

    public MimeBundle With(string mimeType, string form) =>
        this with { Forms = new Dictionary<string, string>(Forms) { [mimeType] = form } };

    public MimeBundle Without(string mimeType) =>
        this with { Forms = Forms.Where(form => form.Key != mimeType).ToDictionary() };
}
