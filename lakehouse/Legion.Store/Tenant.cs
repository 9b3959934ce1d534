namespace Legion.Store;

/// <summary>
/// Whose rows and objects they are. Comes from the credential, never from the body of a request.
/// The default value is the tenant <c>default</c>.
/// </summary>
public readonly record struct Tenant
{
    const string DefaultName = "default";

    readonly string? name;

    /// <param name="name">1 to 64 of a-z, 0-9, '-' and '_', as it becomes part of paths.</param>
    /// <exception cref="FormatException">The name has other characters.</exception>
    public Tenant(string name)
    {
        if (!IsName(name))
            throw new FormatException($"cannot use '{name}' as a tenant: expected 1 to 64 of a-z, 0-9, '-' and '_'");
        this.name = name == DefaultName ? null : name;
    }

    public static Tenant Default => default;

    /// <summary>
    /// What the service records of itself: apart from everybody's data, so that nobody finds the service among its own processes.
    /// Only credentials that were made for it open it.
    /// </summary>
    public static Tenant System { get; } = new("system");

    /// <summary>Whether a tenant may be called so.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 64 && !name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-_");

    public string Name => name ?? DefaultName;

    public override string ToString() => Name;
}
