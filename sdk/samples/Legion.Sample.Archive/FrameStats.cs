using Legion.Sdk;

namespace Legion.Sample.Archive;

/// <summary>One frame of the display loop.</summary>
[LegionEvent]
struct FrameStats
{
    public int Number;

    [Unit("ms")]
    public double Cpu;

    public int Bodies;
    public bool Late;
    public FramePhase Slowest;
}

/// <summary>What a frame spends its time on.</summary>
enum FramePhase
{
    Physics,
    Render,
    Hitch,
}
