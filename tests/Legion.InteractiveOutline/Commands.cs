namespace Microsoft.DotNet.Interactive.Commands;

public abstract class KernelCommand(string? targetKernelName)
{
    public KernelCommand? Parent { get; private set; }

    public string? TargetKernelName { get; } = targetKernelName;

    public void SetParent(KernelCommand parent) => Parent = parent;
}

public sealed class SubmitCode(string code, string? targetKernelName = null) : KernelCommand(targetKernelName)
{
    public string Code { get; } = code;
}

public abstract class LanguageServiceCommand(string code, LinePosition linePosition, string? targetKernelName) : KernelCommand(targetKernelName)
{
    public string Code { get; } = code;

    public LinePosition LinePosition { get; } = linePosition;
}

public sealed class RequestCompletions(string code, LinePosition linePosition, string? targetKernelName = null) : LanguageServiceCommand(code, linePosition, targetKernelName);

public sealed class RequestHoverText(string code, LinePosition linePosition, string? targetKernelName = null) : LanguageServiceCommand(code, linePosition, targetKernelName);
