using Legion.Format;

namespace Legion.Store;

/// <summary>
/// The day that a block is filed under. It depends on the block's id and on when its process was registered, which never changes,
/// so that every retry computes the same day and finds the block where the first attempt put it.
/// </summary>
static class BlockDay
{
    /// <summary>A spool may come long after it was recorded, but hardly longer than this before anything else of its process.</summary>
    const int MostDaysBeforeRegistration = 60;

    /// <summary>Processes that run on for more than a year are filed under their first day: that only makes retention drop late blocks with it.</summary>
    const int MostDaysAfterRegistration = 400;

    const long MillisecondsPerDay = 86_400_000;
    const long NsPerDay = MillisecondsPerDay * 1_000_000;

    /// <returns>Days since the Unix epoch: of the id's own date, or of the registration where that is implausible.</returns>
    public static int Of(Guid blockId, long registeredNs)
    {
        var registered = registeredNs / NsPerDay;
        if (UuidV7.UnixMilliseconds(blockId) is not { } milliseconds) return (int)registered;
        var day = milliseconds / MillisecondsPerDay;
        return (int)(day >= registered - MostDaysBeforeRegistration && day <= registered + MostDaysAfterRegistration ? day : registered);
    }
}
