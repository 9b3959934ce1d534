namespace Legion.Store;

/// <summary>What a key is good for. The numbers are stored.</summary>
public enum KeyRole
{
    /// <summary>To append, which is all that an instrumented program does.</summary>
    Ingest = 1,

    /// <summary>To look.</summary>
    Read = 2,

    /// <summary>Everything, remote commands included.</summary>
    Admin = 3,
}

public static class KeyRoles
{
    public static bool Suffices(this KeyRole role, KeyRole needed) => role == needed || role == KeyRole.Admin;

    /// <summary>As <see cref="Name"/> writes it.</summary>
    public static bool TryParse(string name, out KeyRole role)
    {
        role = Enum.GetValues<KeyRole>().FirstOrDefault(one => one.Name() == name);
        return role != default;
    }

    public static string Name(this KeyRole role) => role switch
    {
        KeyRole.Ingest => "ingest",
        KeyRole.Read => "read",
        KeyRole.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };
}
