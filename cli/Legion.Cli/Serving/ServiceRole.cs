namespace Legion.Cli.Serving;

/// <summary>Which part of the service a program runs. Nodes of different parts work side by side over the same lake.</summary>
enum ServiceRole
{
    All,
    Ingestion,
    Viewer,
}

static class ServiceRoles
{
    public static string Name(this ServiceRole role) => role switch
    {
        ServiceRole.All => "all",
        ServiceRole.Ingestion => "ingestion",
        ServiceRole.Viewer => "viewer",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    public static bool Ingests(this ServiceRole role) => role is ServiceRole.All or ServiceRole.Ingestion;

    public static bool Shows(this ServiceRole role) => role is ServiceRole.All or ServiceRole.Viewer;
}
