using System.Security.Cryptography;
using System.Text;
using DuckDB.NET.Data;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>What policies ask for, as of one moment: of each process, the conditions on spans of the policies whose condition it meets.</summary>
sealed class SpanPolicies
{
    readonly Dictionary<Guid, Asked> of;

    /// <param name="Conditions">Each once, in order; where one is met by all spans, that alone.</param>
    /// <param name="Name">Of these conditions.</param>
    sealed record Asked(IReadOnlyList<string> Conditions, string Name);

    static readonly Asked Nothing = new([], "");

    SpanPolicies(bool areThere, Dictionary<Guid, Asked> of) => (AreThere, this.of) = (areThere, of);

    /// <summary>Whether there is any.</summary>
    public bool AreThere { get; }

    /// <param name="processes">All that there are; of others nothing is asked for.</param>
    /// <exception cref="QueryException">The engine cannot tell whether a condition is met.</exception>
    public static async Task<SpanPolicies> ReadAsync(LakeStore store, Tenant tenant, IReadOnlyList<ProcessRow> processes, CancellationToken cancellation)
    {
        var policies = await store.Catalog.ReadPoliciesAsync(tenant, cancellation);
        var conditionsOf = processes.ToDictionary(process => process.ProcessId, _ => new SortedSet<string>(StringComparer.Ordinal));
        foreach (var policy in policies.Where(policy => policy.ProcessFilter.Length == 0))
            foreach (var conditions in conditionsOf.Values) conditions.Add(policy.SpanFilter);
        if (policies.Any(policy => policy.ProcessFilter.Length > 0))
        {
            using var engine = DuckDb.Open(new QueryOptions { Threads = 1 });
            await new CatalogTables(store, tenant, processes, []).CreateAsync(new InProcessEngine(engine), Views.Processes, cancellation);
            foreach (var policy in policies.Where(policy => policy.ProcessFilter.Length > 0))
                foreach (var id in Matching(engine, policy)) conditionsOf[id].Add(policy.SpanFilter);
        }
        // Most processes have one of a few sets.
        var known = new Dictionary<string, Asked>();
        return new SpanPolicies(policies.Count > 0, conditionsOf.ToDictionary(item => item.Key, item => AskedBy(item.Value, known)));
    }

    /// <summary>Whether any policy asks for spans of the process.</summary>
    public bool AskFor(Guid processId) => of.TryGetValue(processId, out var asked) && asked.Conditions.Count > 0;

    /// <summary>Names what is asked for of a process: another set of conditions has another name. Empty where that is nothing; null of a process that nobody knew of.</summary>
    public string? NameOf(Guid processId) => of.TryGetValue(processId, out var asked) ? asked.Name : null;

    /// <summary>Conditions of which a span that is asked for meets one.</summary>
    public IReadOnlyList<string> ConditionsOf(Guid processId) => of.TryGetValue(processId, out var asked) ? asked.Conditions : [];

    static Asked AskedBy(SortedSet<string> conditions, Dictionary<string, Asked> known)
    {
        if (conditions.Count == 0) return Nothing;
        // Conditions hold no control characters but white space.
        var text = conditions.Contains("") ? "" : string.Join('\0', conditions);
        if (!known.TryGetValue(text, out var asked))
            known.Add(text, asked = new Asked(text.Length == 0 ? [""] : [.. conditions], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))));
        return asked;
    }

    static List<Guid> Matching(DuckDBConnection engine, PolicyRow policy)
    {
        try
        {
            PolicyCondition.CreateFunctions(engine, policy.ProcessFilter);
            using var command = engine.CreateCommand();
            command.CommandText = $"SELECT process_id FROM processes WHERE {PolicyCondition.IsMet(policy.ProcessFilter)}";
            using var reader = command.ExecuteReader();
            var ids = new List<Guid>();
            while (reader.Read()) ids.Add(Guid.Parse(reader.GetString(0)));
            return ids;
        }
        catch (DuckDBException cause)
        {
            throw new QueryException($"cannot tell which processes policy '{policy.Name}' asks for: {SqlParser.Explain(cause, null).Message}; `legion lake policy remove {policy.Name}` removes it", cause: cause);
        }
    }
}
