namespace Legion.Store;

/// <summary>A database on a MySQL server that holds a catalog, and who asks. Its text never shows the password.</summary>
public sealed record CatalogAddress(string Host, int Port, string User, string Password, string Database)
{
    /// <summary>What MySQL listens on where the address names no port.</summary>
    public const int DefaultPort = 3306;

    const string Form = "mysql://user:password@host:port/database";

    /// <summary>
    /// Reads <c>mysql://user:password@host:port/database</c>; port and password may be left out. User, password and database are percent-decoded:
    /// an <c>@</c>, <c>:</c>, <c>/</c>, <c>#</c>, <c>?</c> or <c>%</c> in them is written as <c>%40</c> and so on.
    /// </summary>
    /// <exception cref="FormatException">The text is no such address. The message does not repeat it, as there may be a password in it.</exception>
    public static CatalogAddress Parse(string text)
    {
        if (!text.StartsWith("mysql://", StringComparison.OrdinalIgnoreCase)) throw Malformed("it does not begin with mysql://");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)) throw Malformed("it is no URL; characters such as '@' and '/' in a password are written as %40 and %2F");
        if (address.Query.Length > 0 || address.Fragment.Length > 0) throw Malformed("something follows the database; '?' and '#' in a name or password are written as %3F and %23");
        var (user, password) = address.UserInfo.Split(':', 2) is [var name, var secret] ? (name, secret) : (address.UserInfo, "");
        var database = address.AbsolutePath.TrimStart('/');
        if (user.Length == 0) throw Malformed("it names no user");
        if (address.Host.Length == 0) throw Malformed("it names no host");
        if (database.Length == 0) throw Malformed("it names no database");
        if (database.Contains('/')) throw Malformed("the database's name has a '/'");
        return new CatalogAddress(address.Host.Trim('[', ']'), address.Port < 0 ? DefaultPort : address.Port, Uri.UnescapeDataString(user), Uri.UnescapeDataString(password), Uri.UnescapeDataString(database));
    }

    public override string ToString() => $"mysql://{Uri.EscapeDataString(User)}@{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}/{Uri.EscapeDataString(Database)}";

    static FormatException Malformed(string seen) => new($"cannot use the catalog that --catalog or {LakeLocation.CatalogVariable} names: {seen}; expected {Form}");
}
