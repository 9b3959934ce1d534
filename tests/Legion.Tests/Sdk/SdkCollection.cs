using Xunit;

namespace Legion.Tests.Sdk;

/// <summary>A program has one recording at a time, so these tests run one after the other, and beside no others that may record.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SdkCollection
{
    public const string Name = "sdk";
}
