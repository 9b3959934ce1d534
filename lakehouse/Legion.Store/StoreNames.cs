using System.Globalization;
using Legion.Format;

namespace Legion.Store;

/// <summary>
/// Every name on disk and every object key, in one place. Stored data relies on them: a change here is a migration.
/// Keys use '/' on every system and begin with the day where data ages, so that retention drops whole days.
/// </summary>
public static partial class StoreNames
{
    /// <summary>The SQLite catalog, in the lake's folder. SQLite puts <c>-wal</c> and <c>-shm</c> beside it.</summary>
    public const string CatalogFile = "catalog.sqlite";

    /// <summary>Folder of files that are not objects yet; what a dead process left here is nobody's.</summary>
    public const string TemporaryFolder = "tmp";

    public const string BlocksPrefix = "blocks/";
    public const string ViewsPrefix = "views/";
    public const string ArrivalsPrefix = "arrivals/";

    /// <summary>Of pages that somebody published.</summary>
    public const string ReportsPrefix = "reports/";

    /// <summary>Of every tenant's erasures.</summary>
    public const string LedgerPrefix = "erasures/";

    /// <summary>Of what a backup has: all but views, which are built again. Erasures are a ledger that a restored lake needs.</summary>
    public static readonly string[] TruthPrefixes = [BlocksPrefix, ArrivalsPrefix, ReportsPrefix, LedgerPrefix];

    /// <summary><c>2026-01-31</c>.</summary>
    public static string Day(int daysSinceEpoch) => DateTime.UnixEpoch.AddDays(daysSinceEpoch).ToString(DayForm, CultureInfo.InvariantCulture);

    const string DayForm = "yyyy-MM-dd";

    public static string Class(StreamClass streamClass) => streamClass switch
    {
        StreamClass.Trace => "trace",
        StreamClass.Metric => "metric",
        StreamClass.Log => "log",
        _ => "other",
    };

    /// <summary>Key of an object of blocks: <c>blocks/DAY/TENANT/CLASS/PROCESS/ID</c>.</summary>
    public static string BlocksObject(int daysSinceEpoch, Tenant tenant, StreamClass streamClass, Guid processId, Guid objectId) =>
        $"{BlocksPrefix}{Day(daysSinceEpoch)}/{tenant}/{Class(streamClass)}/{processId:D}/{objectId:D}";

    public static string BlocksObject(BlocksObjectName name) => BlocksObject(name.Day, name.Tenant, name.Class, name.ProcessId, name.ObjectId);

    /// <summary>Key of a request that is not blocks yet: <c>arrivals/DAY/TENANT/ID</c>.</summary>
    public static string ArrivalObject(int daysSinceEpoch, Tenant tenant, Guid arrivalId) => $"{ArrivalsPrefix}{Day(daysSinceEpoch)}/{tenant}/{arrivalId:D}";

    public static string ArrivalObject(ArrivalObjectName name) => ArrivalObject(name.Day, name.Tenant, name.ObjectId);

    /// <summary>Key of a report's page: <c>reports/DAY/TENANT/ID</c>.</summary>
    public static string ReportObject(ReportObjectName name) => $"{ReportsPrefix}{Day(name.Day)}/{name.Tenant}/{name.ObjectId:D}";

    /// <summary>Prefix of a tenant's erasures: what has to outlive every backup.</summary>
    public static string ErasuresPrefix(Tenant tenant) => $"{LedgerPrefix}{tenant}/";

    /// <summary>What was asked for, until the receipt says what was done.</summary>
    public static string ErasureRequest(Tenant tenant, Guid erasureId) => $"{ErasuresPrefix(tenant)}{erasureId:D}.request.json";

    public static string ErasureEntry(Tenant tenant, Guid erasureId) => $"{ErasuresPrefix(tenant)}{erasureId:D}.json";

    public static string ErasureKeys(Tenant tenant) => $"{ErasuresPrefix(tenant)}keys.json";

    /// <summary>Prefix of a view's files of one process and day, ending in '/': Hive style, so that other engines read it.</summary>
    public static string ViewPrefix(string view, int schemaVersion, Tenant tenant, int daysSinceEpoch, Guid processId) =>
        $"{ViewsPrefix}{view}/v={schemaVersion}/tenant={tenant}/date={Day(daysSinceEpoch)}/process_id={processId:D}/";

    /// <summary>Key of one Parquet file. The file id makes it unique, so that two builders of a slot never meet.</summary>
    public static string ViewFile(string view, int schemaVersion, Tenant tenant, int daysSinceEpoch, Guid processId, int slot, Guid fileId) =>
        $"{ViewPrefix(view, schemaVersion, tenant, daysSinceEpoch, processId)}{slot:D6}-{fileId:N}.parquet";
}
