namespace Microsoft.DotNet.Interactive.Directives;

public abstract class KernelDirective(string name)
{
    public string Name { get; init; } = name;

    public string? Description { get; set; }

    public ICollection<KernelDirectiveParameter> Parameters { get; init; } = new ParameterCollection();

    /// <summary>A host refuses a name that is there already, and a second parameter whose name may be left out.</summary>
    sealed class ParameterCollection : System.Collections.ObjectModel.Collection<KernelDirectiveParameter>
    {
        protected override void InsertItem(int index, KernelDirectiveParameter item)
        {
            if (this.Any(known => known.Name == item.Name || known.AllowImplicitName && item.AllowImplicitName))
                throw new ArgumentException($"cannot add the parameter '{item.Name}'");
            base.InsertItem(index, item);
        }
    }
}

public sealed class KernelDirectiveParameter(string name, string? description = null)
{
    public string Name { get; } = name;

    public string? Description { get; set; } = description;

    public bool AllowImplicitName { get; init; }

    public int MaxOccurrences { get; init; } = 1;

    public bool Required { get; init; }

    public bool Flag { get; init; }

    public string TypeHint { get; init; } = "text";
}

public class KernelActionDirective(string name, string? description = null) : KernelDirective(name)
{
    public ICollection<KernelActionDirective> Subcommands { get; init; } = new List<KernelActionDirective>();

    public new string? Description { get => base.Description ?? description; set => base.Description = value; }
}

public sealed class KernelSpecifierDirective(string name, string kernelName) : KernelDirective(name)
{
    public string KernelName { get; } = kernelName;
}
