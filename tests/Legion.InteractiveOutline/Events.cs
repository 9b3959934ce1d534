using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.Events
{
    public abstract class KernelEvent(KernelCommand command)
    {
        public KernelCommand Command { get; } = command;
    }

    public enum InsertTextFormat
    {
        PlainText = 1,
        Snippet = 2,
    }

    public sealed class CompletionItem(
        string displayText, string kind, string? filterText = null, string? sortText = null, string? insertText = null, InsertTextFormat? insertTextFormat = null, string? documentation = null)
    {
        public string DisplayText { get; } = displayText;
        public string Kind { get; } = kind;
        public string FilterText { get; } = filterText ?? displayText;
        public string SortText { get; } = sortText ?? displayText;
        public string InsertText { get; } = insertText ?? displayText;
        public InsertTextFormat? InsertTextFormat { get; } = insertTextFormat;
        public string? Documentation { get; set; } = documentation;
    }

    public sealed class CompletionsProduced(IReadOnlyCollection<CompletionItem> completions, RequestCompletions command, LinePositionSpan? linePositionSpan = null) : KernelEvent(command)
    {
        public IEnumerable<CompletionItem> Completions { get; } = completions;
        public LinePositionSpan? LinePositionSpan { get; } = linePositionSpan;
    }

    public sealed class HoverTextProduced(RequestHoverText command, IReadOnlyCollection<FormattedValue> content, LinePositionSpan? linePositionSpan = null) : KernelEvent(command)
    {
        public IReadOnlyCollection<FormattedValue> Content { get; } = content;
        public LinePositionSpan? LinePositionSpan { get; } = linePositionSpan;
    }
}

namespace Microsoft.DotNet.Interactive
{
    public sealed record LinePosition(int Line, int Character);

    public sealed record LinePositionSpan(LinePosition Start, LinePosition End);
}
