namespace Legion.Format;

/// <summary>
/// The dependency section of a block: what its events refer to by index, so that the block needs nothing else.
/// Tables in order: strings, property sets, sites, templates. Bytes after the last are a later version's, and ignored.
/// </summary>
public sealed class Dependencies
{
    Dependencies(ReadOnlyMemory<byte> bytes, int[] strings, int[] propertySets, int[] sites, int[] templates)
    {
        Strings = new LazyTable<string>(bytes, strings, static (section, start) => new ByteReader(section[start..], "string").String());
        PropertySets = new LazyTable<Property[]>(bytes, propertySets, static (section, start) => Property.ReadList(new ByteReader(section[start..], "property set").Sized()));
        Sites = new LazyTable<Site>(bytes, sites, ReadSite);
        Templates = new LazyTable<Template>(bytes, templates, ReadTemplate);
    }

    public IReadOnlyList<string> Strings { get; }
    public IReadOnlyList<Property[]> PropertySets { get; }
    public IReadOnlyList<Site> Sites { get; }
    public IReadOnlyList<Template> Templates { get; }

    public string? String(uint reference) => Get(Strings, reference, "string");
    public Property[]? PropertySet(uint reference) => Get(PropertySets, reference, "property set");
    public Site? Site(uint reference) => Get(Sites, reference, "site");
    public Template? Template(uint reference) => Get(Templates, reference, "template");

    /// <summary>Checks the whole section; its rows are decoded when they are asked for, from <paramref name="bytes"/>, which must not change.</summary>
    /// <exception cref="InvalidDataException">The bytes are no dependency section.</exception>
    public static Dependencies Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span, "dependency section");
        var strings = new int[reader.Count(leastBytes: 4)];
        for (var i = 0; i < strings.Length; i++)
        {
            strings[i] = reader.Position;
            reader.SkipString();
        }

        var propertySets = new int[reader.Count(leastBytes: 4)];
        for (var i = 0; i < propertySets.Length; i++)
        {
            propertySets[i] = reader.Position;
            Property.CheckList(reader.Sized());
        }

        var sites = new int[reader.Count(leastBytes: 16)];
        for (var i = 0; i < sites.Length; i++)
        {
            sites[i] = reader.Position;
            for (var part = 0; part < 3; part++) Check(strings, reader.U32(), "string");
            reader.U32();
        }

        var templates = new int[reader.Count(leastBytes: 8)];
        for (var i = 0; i < templates.Length; i++)
        {
            templates[i] = reader.Position;
            Check(strings, reader.U32(), "string");
            Check(sites, reader.U32(), "site");
        }
        return new Dependencies(bytes, strings, propertySets, sites, templates);
    }

    Site ReadSite(ReadOnlySpan<byte> section, int start)
    {
        var row = new ByteReader(section[start..], "site");
        return new Site(String(row.U32()) ?? "", String(row.U32()) ?? "", String(row.U32()) ?? "", (int)Math.Min(row.U32(), int.MaxValue));
    }

    Template ReadTemplate(ReadOnlySpan<byte> section, int start)
    {
        var row = new ByteReader(section[start..], "template");
        return new Template(String(row.U32()) ?? "", Site(row.U32()) ?? NoSite);
    }

    static readonly Site NoSite = new("", "", "", 0);

    static T? Get<T>(IReadOnlyList<T> table, uint reference, string what) where T : class =>
        reference < (uint)table.Count ? table[(int)reference]
        : reference == FormatLimits.NoReference ? null
        : throw Beyond(table.Count, reference, what);

    static void Check(int[] table, uint reference, string what)
    {
        if (reference >= (uint)table.Length && reference != FormatLimits.NoReference) throw Beyond(table.Length, reference, what);
    }

    static InvalidDataException Beyond(int count, uint reference, string what) =>
        new($"dependency section: expected a {what} below {count}, saw reference {reference}");
}

/// <summary>Collects what a block's events refer to and numbers it in order of first use.</summary>
public sealed class DependencyWriter
{
    readonly Dictionary<string, uint> stringIndex = new(StringComparer.Ordinal);
    readonly Dictionary<Site, uint> siteIndex = [];
    readonly Dictionary<Template, uint> templateIndex = [];
    readonly List<string> strings = [];
    readonly Dictionary<byte[], uint> propertySetIndex = new(new SameBytes());
    readonly Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> propertySetOf;
    readonly List<byte[]> propertySets = [];
    readonly ByteWriter propertyList = new();
    readonly List<Site> sites = [];
    readonly List<Template> templates = [];

    /// <summary>Bytes of texts and property sets so far, which are nearly all that the section takes.</summary>
    public int Bytes { get; private set; }

    public DependencyWriter() => propertySetOf = propertySetIndex.GetAlternateLookup<ReadOnlySpan<byte>>();

    public uint String(string text)
    {
        if (stringIndex.TryGetValue(text, out var known)) return known;
        Bytes += 4 + text.Length;
        return Add(stringIndex, strings, text);
    }

    public uint Site(Site site)
    {
        if (siteIndex.TryGetValue(site, out var index)) return index;
        String(site.Name);
        String(site.Target);
        String(site.File);
        return Add(siteIndex, sites, site);
    }

    public uint Template(Template template)
    {
        if (templateIndex.TryGetValue(template, out var index)) return index;
        String(template.Text);
        Site(template.Site);
        return Add(templateIndex, templates, template);
    }

    /// <summary>Equal sets are stored once. Looking for an equal one takes writing it, so that callers do well to keep the reference.</summary>
    public uint PropertySet(ReadOnlySpan<Property> properties)
    {
        propertyList.Clear();
        Property.WriteList(propertyList, properties);
        if (propertySetOf.TryGetValue(propertyList.Written, out var known)) return known;
        Bytes += 4 + propertyList.Length;
        return Add(propertySetIndex, propertySets, propertyList.ToArray());
    }

    /// <summary>Forgets all, for the next block.</summary>
    public void Clear()
    {
        stringIndex.Clear();
        siteIndex.Clear();
        templateIndex.Clear();
        propertySetIndex.Clear();
        Bytes = 0;
        strings.Clear();
        propertySets.Clear();
        sites.Clear();
        templates.Clear();
    }

    public void Write(ByteWriter writer)
    {
        writer.U32((uint)strings.Count);
        foreach (var text in strings) writer.String(text);
        writer.U32((uint)propertySets.Count);
        foreach (var set in propertySets) writer.Sized(set);
        writer.U32((uint)sites.Count);
        foreach (var site in sites)
        {
            writer.U32(stringIndex[site.Name]);
            writer.U32(stringIndex[site.Target]);
            writer.U32(stringIndex[site.File]);
            writer.U32((uint)site.Line);
        }
        writer.U32((uint)templates.Count);
        foreach (var template in templates)
        {
            writer.U32(stringIndex[template.Text]);
            writer.U32(siteIndex[template.Site]);
        }
    }

    static uint Add<T>(Dictionary<T, uint> index, List<T> table, T item) where T : notnull
    {
        if (index.TryGetValue(item, out var known)) return known;
        var added = (uint)table.Count;
        index.Add(item, added);
        table.Add(item);
        return added;
    }

    /// <summary>Compares encoded property sets, so that one can be looked for before it has an array of its own.</summary>
    sealed class SameBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public bool Equals(ReadOnlySpan<byte> one, byte[] other) => one.SequenceEqual(other);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> bytes) => bytes.ToArray();
    }
}
