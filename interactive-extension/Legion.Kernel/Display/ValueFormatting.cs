using Microsoft.Data.Analysis;
using Legion.Notebook;
using Microsoft.DotNet.Interactive.Formatting;

namespace Legion.Kernel.Display;

/// <summary>
/// Turns values into mime bundles, through the formatters that users and libraries register for .NET Interactive.
/// A type brings its own forms, without a reference to anything, by an attribute named TypeFormatterSourceAttribute.
/// </summary>
static class ValueFormatting
{
    static ValueFormatting()
    {
        Formatter.SetPreferredMimeTypesFor(typeof(DataFrame), MimeBundle.Cell, MimeBundle.Html, MimeBundle.Plain);
        Formatter.Register<DataFrame>((frame, writer) => writer.Write(DataFrameTable.Cell(frame)), MimeBundle.Cell);
        Formatter.Register<DataFrame>((frame, writer) => writer.Write(DataFrameTable.Html(frame)), MimeBundle.Html);
        Formatter.Register<DataFrame>((frame, writer) => writer.Write(DataFrameTable.Text(frame)), MimeBundle.Plain);
    }

    public static MimeBundle Format(object value)
    {
        var type = value.GetType();
        var forms = new Dictionary<string, string>();
        if (PlotlyFigure.IsChart(type))
        {
            forms[MimeBundle.Plotly] = PlotlyFigure.FromChart(value);
            forms[MimeBundle.Plain] = "chart";
            return new(forms);
        }
        if (!IsScalar(type))
            foreach (var mimeType in Formatter.GetPreferredMimeTypesFor(type))
                forms[mimeType] = value.ToDisplayString(mimeType);
        forms.TryAdd(MimeBundle.Plain, value.ToDisplayString(MimeBundle.Plain));
        return new(forms) { Live = value as ILiveResult };
    }

    /// <summary>One form that the caller names; text is taken as it is.</summary>
    public static MimeBundle Format(object value, string mimeType) =>
        new(new Dictionary<string, string> { [mimeType] = value as string ?? value.ToDisplayString(mimeType) });

    // A number in a box of HTML with its own style sheet says no more than the number.
    static bool IsScalar(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(DateTime)
        || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(Guid);
}
