using System.Globalization;
using Legion.Format;

namespace Legion.Store;

/// <summary>What the key of an object of blocks says.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="ObjectId">Made by the server that put the object, at the time in it.</param>
public readonly record struct BlocksObjectName(int Day, Tenant Tenant, StreamClass Class, Guid ProcessId, Guid ObjectId);

/// <summary>What the key of a view's file says.</summary>
/// <param name="Partition">What the file is, or was, a generation of.</param>
/// <param name="FileId">Made by the program that built the file, at the time in it.</param>
public readonly record struct ViewFileName(Tenant Tenant, PartitionKey Partition, Guid FileId);

/// <summary>What the key of a request that is not blocks yet says.</summary>
/// <param name="ObjectId">Made by the program that put the object, at the time in it; as it came it is the arrival's.</param>
public readonly record struct ArrivalObjectName(int Day, Tenant Tenant, Guid ObjectId);

/// <summary>What the key of a report's page says.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="ObjectId">Made by whoever put the object, at the time in it.</param>
public readonly record struct ReportObjectName(int Day, Tenant Tenant, Guid ObjectId);

public static partial class StoreNames
{
    static readonly StreamClass[] Classes = [StreamClass.Trace, StreamClass.Metric, StreamClass.Log, StreamClass.Other];

    /// <returns>False where the key is none that <see cref="BlocksObject"/> makes.</returns>
    public static bool TryReadBlocksObject(string key, out BlocksObjectName name)
    {
        name = default;
        if (key.Split('/') is not ["blocks", var day, var tenant, var className, var process, var id]) return false;
        if (!TryReadDay(day, out var number) || !Tenant.IsName(tenant)) return false;
        var streamClass = Array.FindIndex(Classes, candidate => Class(candidate) == className);
        if (streamClass < 0 || !Guid.TryParseExact(process, "D", out var processId) || !Guid.TryParseExact(id, "D", out var objectId)) return false;
        name = new BlocksObjectName(number, new Tenant(tenant), Classes[streamClass], processId, objectId);
        return true;
    }

    /// <returns>False where the key is none that <see cref="ArrivalObject"/> makes.</returns>
    public static bool TryReadArrivalObject(string key, out ArrivalObjectName name)
    {
        name = default;
        if (key.Split('/') is not ["arrivals", var day, var tenant, var id]) return false;
        if (!TryReadDay(day, out var number) || !Tenant.IsName(tenant) || !Guid.TryParseExact(id, "D", out var objectId)) return false;
        name = new ArrivalObjectName(number, new Tenant(tenant), objectId);
        return true;
    }

    /// <returns>False where the key is none that <see cref="ReportObject"/> makes.</returns>
    public static bool TryReadReportObject(string key, out ReportObjectName name)
    {
        name = default;
        if (key.Split('/') is not ["reports", var day, var tenant, var id]) return false;
        if (!TryReadDay(day, out var number) || !Tenant.IsName(tenant) || !Guid.TryParseExact(id, "D", out var objectId)) return false;
        name = new ReportObjectName(number, new Tenant(tenant), objectId);
        return true;
    }

    /// <returns>False where the key is none of the ledger's of an erasure.</returns>
    public static bool TryReadErasure(string key, out Guid erasureId)
    {
        erasureId = default;
        return key.Split('/') is ["erasures", _, var file] && Guid.TryParseExact(file.Split('.')[0], "D", out erasureId);
    }

    /// <returns>False where the key is none that <see cref="ViewFile"/> makes.</returns>
    public static bool TryReadViewFile(string key, out ViewFileName name)
    {
        name = default;
        if (!key.StartsWith(ViewsPrefix, StringComparison.Ordinal)) return false;
        // From the end, as a view of user-defined events has a name that somebody else chose.
        var parts = key[ViewsPrefix.Length..].Split('/');
        if (parts.Length < 6 || Value(parts[^4], "tenant=") is not { } tenant || !Tenant.IsName(tenant)) return false;
        if (!Guid.TryParseExact(Value(parts[^2], "process_id="), "D", out var processId)) return false;
        if (parts[^1].Split('-', '.') is not [var slotText, var id, "parquet"] || !Guid.TryParseExact(id, "N", out var fileId)) return false;
        if (!int.TryParse(slotText, NumberStyles.None, CultureInfo.InvariantCulture, out var slot)) return false;
        name = new ViewFileName(new Tenant(tenant), new PartitionKey(string.Join('/', parts[..^5]), processId, slot), fileId);
        return true;

        static string? Value(string part, string prefix) => part.StartsWith(prefix, StringComparison.Ordinal) ? part[prefix.Length..] : null;
    }

    static bool TryReadDay(string text, out int daysSinceEpoch)
    {
        var isDay = DateOnly.TryParseExact(text, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date);
        daysSinceEpoch = date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return isDay;
    }
}
