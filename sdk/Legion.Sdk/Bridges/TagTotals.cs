using System.Runtime.CompilerServices;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Legion.Sdk;

/// <summary>A number for each set of tags that an instrument was measured with. Sets are looked up without an allocation.</summary>
sealed class TagTotals
{
    /// <summary>Sets beyond these share one number: their instrument is tagged with something that has no end.</summary>
    const int MostSets = 2000;

    static readonly Tag[] others = [new("(others)", true)];

    readonly Lock changing = new();
    readonly Dictionary<Tag[], StrongBox<double>> totals = new(new TagSets());

    /// <summary>Adds to the number of the set.</summary>
    /// <returns>Its value then.</returns>
    public double Add(ReadOnlySpan<Tag> tags, double change)
    {
        lock (changing) return Of(tags).Value += change;
    }

    /// <summary>Replaces the number of the set by a larger one. A smaller one has begun anew from 0.</summary>
    /// <returns>What it grew by.</returns>
    public double Growth(ReadOnlySpan<Tag> tags, double total)
    {
        lock (changing)
        {
            var known = Of(tags);
            var growth = total >= known.Value ? total - known.Value : total;
            known.Value = total;
            return growth;
        }
    }

    StrongBox<double> Of(ReadOnlySpan<Tag> tags)
    {
        var sets = totals.GetAlternateLookup<ReadOnlySpan<Tag>>();
        if (sets.TryGetValue(tags, out var known)) return known;
        if (totals.Count >= MostSets && sets.TryGetValue(others, out var shared)) return shared;
        var made = new StrongBox<double>();
        totals.Add(totals.Count >= MostSets ? others : tags.ToArray(), made);
        return made;
    }

    sealed class TagSets : IEqualityComparer<Tag[]>, IAlternateEqualityComparer<ReadOnlySpan<Tag>, Tag[]>
    {
        public Tag[] Create(ReadOnlySpan<Tag> tags) => tags.ToArray();

        public bool Equals(Tag[]? one, Tag[]? other) => ReferenceEquals(one, other) || one is not null && other is not null && Equals(one.AsSpan(), other);

        public int GetHashCode(Tag[] tags) => GetHashCode(tags.AsSpan());

        public bool Equals(ReadOnlySpan<Tag> tags, Tag[] other)
        {
            if (tags.Length != other.Length) return false;
            for (var i = 0; i < tags.Length; i++)
                if (tags[i].Key != other[i].Key || !IsSame(tags[i].Value, other[i].Value)) return false;
            return true;
        }

        public int GetHashCode(ReadOnlySpan<Tag> tags)
        {
            var hash = new HashCode();
            foreach (var (key, value) in tags)
            {
                hash.Add(key);
                hash.Add(value is IConvertible ? value.GetHashCode() : RuntimeHelpers.GetHashCode(value));
            }
            return hash.ToHashCode();
        }

        // Numbers, truths and texts by value; what else there is by reference, as its own code might throw.
        static bool IsSame(object? one, object? other) => one is IConvertible ? one.Equals(other) : ReferenceEquals(one, other);
    }
}
