using System.Diagnostics;
using Legion.Format;
using Legion.Sdk;
using Legion.Sdk.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Legion.Tests.Sdk;

[Collection(SdkCollection.Name)]
public sealed partial class HostingLogTests
{
    readonly MemorySink sink = new();

    enum Weather
    {
        Rain,
        Sun,
    }

    [Fact]
    public async Task A_log_keeps_its_template_its_arguments_and_its_event()
    {
        using var lake = await LogAsync(log =>
        {
            log.LogInformation("spawned {Id,4} at {X:F2} by {Who} {{}} in {Weather}", 7, 1.5, "ann", Weather.Sun);
            log.LogWarning(new EventId(5, "Warned"), "plain");
            log.Log(LogLevel.Error, default, 12.5, null, (state, _) => $"formatted {state}");
            log.LogInformation("{List} and {When:yyyy} and {Nothing}", new[] { 1, 2 }, new DateTime(2026, 1, 2), null);
            Swapped(log, "first", 2, "extra");
            var mistaken = "{too} {few}";
#pragma warning disable CA2254 // A mistake is what is tried.
            log.LogInformation(mistaken, "one");
#pragma warning restore CA2254
            log.LogTrace("not recorded {At}", "all");
        });
        Assert.Equal(
            [
                "info|spawned    7 at 1.50 by ann {} in Sun|{\"Id\":7,\"Weather\":\"Sun\",\"Who\":\"ann\",\"X\":1.5}|{}",
                "warn|plain|{}|{\"event_id\":5,\"event_name\":\"Warned\"}",
                "error|formatted 12.5|{\"message\":\"formatted 12.5\"}|{}",
                "info|1, 2 and 2026 and |{\"List\":\"1, 2\",\"Nothing\":null,\"When\":\"2026\"}|{}",
                "debug|2 then first|{\"number\":2,\"text\":\"first\"}|{\"event_id\":9,\"event_name\":\"Swapped\",\"more\":\"extra\"}",
                "info|cannot log: System.IndexOutOfRangeException|{\"message\":\"cannot log: System.IndexOutOfRangeException\"}|{}",
            ],
            await lake.RowsAsync("SELECT level || '|' || message || '|' || arguments || '|' || properties AS log FROM log_entries WHERE $process AND target = 'Shop.Orders' ORDER BY time_ns"));
    }

    [Fact]
    public async Task An_exception_follows_the_text_with_its_causes()
    {
        using var lake = await LogAsync(log =>
        {
            try
            {
                throw new InvalidOperationException("outer", new FormatException("inner"));
            }
            catch (InvalidOperationException exception)
            {
                log.LogError(exception, "failed {Id}", 3);
            }
        });
        var message = Assert.Single(await lake.RowsAsync("SELECT replace(message, chr(10), '|') AS message FROM log_entries WHERE $process AND target = 'Shop.Orders'"));
        Assert.StartsWith("failed 3|System.InvalidOperationException: outer|   at Legion.Tests.Sdk.HostingLogTests", message);
        Assert.Contains("| ---> System.FormatException: inner", message);
        Assert.Equal(["System.InvalidOperationException"], await lake.RowsAsync("SELECT arguments->>'exception.type' AS type FROM log_entries WHERE $process AND target = 'Shop.Orders'"));
    }

    [Fact]
    public async Task Scopes_are_properties_where_asked_for()
    {
        using var lake = await LogAsync(log =>
        {
            using (log.BeginScope("order {Order}", 7))
            using (log.BeginScope("just text")) log.LogInformation("inside");
            log.LogInformation("outside");
        }, options => options with { IncludeScopes = true });
        Assert.Equal(
            ["inside|{\"Order\":7,\"scope\":\"just text\"}", "outside|{}"],
            await lake.RowsAsync("SELECT message || '|' || properties AS log FROM log_entries WHERE $process AND target = 'Shop.Orders' ORDER BY time_ns"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_within_an_activity_has_the_ids_by_which_its_span_goes(bool isAskedFor)
    {
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == "Shop", Sample = static (ref _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        using var shop = new ActivitySource("Shop");
        string expected = "";
        void Log(ILogger log)
        {
            using (var activity = shop.StartActivity("order")!)
            {
                log.LogInformation("inside");
                expected = isAskedFor ? $"inside|{activity.TraceId.ToHexString()}|{Convert.ToUInt64(activity.SpanId.ToHexString(), 16)}" : "inside";
            }
            log.LogInformation("outside");
        }
        const string sql = "SELECT concat_ws('|', message, properties->>'trace_id', properties->>'span_id') AS log FROM log_entries WHERE $process AND target = 'Shop.Orders' ORDER BY time_ns";
        using var lake = await LogAsync(Log, options => options with { IncludeTraceIds = isAskedFor });
        Assert.Equal([expected, "outside"], await lake.RowsAsync(sql));
    }

    [Fact]
    public void Remote_commands_and_sampling_come_from_the_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Legion:CommandKey"] = "a key",
            ["Legion:Sampling:SlowFrame"] = "00:00:00.050",
            ["Legion:Sampling:SlowSpans:request"] = "00:00:02",
            ["Legion:Sampling:Logs"] = "None",
            ["Legion:Sampling:Markers"] = "false",
            ["Legion:Sampling:OneIn"] = "7",
            ["Legion:Sampling:BytesPerSecond"] = "100000",
        }).Build();
        var read = HostConfiguration.Read(configuration, null).Telemetry;
        Assert.Equal("a key", read.CommandKey);
        var sampling = read.Sampling!;
        Assert.Equal(
            (TimeSpan.FromMilliseconds(50), null, TimeSpan.FromSeconds(2), null, false, new Sampling().Margin, 7, 100_000L),
            (sampling.SlowFrame, sampling.SlowSpan, sampling.SlowSpans["request"], sampling.Logs, sampling.Markers, sampling.Margin, sampling.OneIn, sampling.BytesPerSecond));
        Assert.Null(HostConfiguration.Read(new ConfigurationBuilder().Build(), null).Telemetry.Sampling);
    }

    [Fact]
    public async Task Levels_come_from_the_configuration_and_change_while_the_host_runs()
    {
        using var lake = await LogAsync(
            log =>
            {
                Assert.True(log.IsEnabled(LogLevel.Warning));
                Assert.False(log.IsEnabled(LogLevel.Information));
                Verbosity.Set(Level.Trace, new Dictionary<string, Level>());
                Assert.True(log.IsEnabled(LogLevel.Trace));
                log.LogTrace("now");
                Verbosity.Set(Level.Fatal, new Dictionary<string, Level>());
                log.LogError("no longer");
            },
            settings: new() { ["Logging:LogLevel:Default"] = "Debug", ["Logging:LogLevel:Shop"] = "Error", ["Legion:Levels:Shop.Orders"] = "Warn", ["Legion:Properties:build"] = "1234" });
        Assert.Equal(["trace,now"], await lake.RowsAsync("SELECT level, message FROM log_entries WHERE $process AND target = 'Shop.Orders'"));
        Assert.Equal(["1234,shop,Staging"], await lake.RowsAsync("SELECT properties->>'build' AS build, properties->>'application' AS application, properties->>'environment' AS environment FROM processes WHERE $process"));
    }

    [Theory]
    [InlineData("Legion:Endpoint", "nowhere", "cannot read configuration 'Legion:Endpoint': expected an address such as http://localhost:9020, saw 'nowhere'")]
    [InlineData("Legion:Sampling:OneIn", "-1", "cannot read configuration 'Legion:Sampling:OneIn': expected a whole number that is not negative, saw '-1'")]
    [InlineData("Legion:Sampling:Margin", "long", "cannot read configuration 'Legion:Sampling:Margin': expected a time such as 00:00:00.050, saw 'long'")]
    [InlineData("Legion:IncludeScopes", "maybe", "cannot read configuration 'Legion:IncludeScopes': expected true or false, saw 'maybe'")]
    [InlineData("Legion:Levels:Shop", "Loud", "cannot read configuration 'Legion:Levels:Shop': expected one of Trace, Debug, Information, Warning, Error, Critical and None, saw 'Loud'")]
    public void A_configuration_that_makes_no_sense_is_refused_with_its_key(string key, string value, string said)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        Assert.Equal(said, Assert.Throws<InvalidOperationException>(() => HostConfiguration.Read(configuration, null)).Message);
    }

    [Fact]
    public async Task A_recording_that_runs_already_is_the_programs_own()
    {
        using var recording = Telemetry.Start(new TelemetryOptions { Sink = sink });
        using (var host = Host(options => options, [])) host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders").LogInformation("into it");
        Assert.NotNull(Telemetry.Statistics);
        recording.Dispose();
        using var lake = new HostingLake();
        await lake.AppendAsync(sink);
        Assert.Equal(["into it"], await lake.RowsAsync("SELECT message FROM log_entries WHERE $process AND target = 'Shop.Orders'"));
    }

    [Fact]
    public void A_log_allocates_nothing_but_what_its_caller_does()
    {
        using var host = Host(options => options with { Telemetry = options.Telemetry with { Sink = sink, Bridges = Bridges.None } }, []);
        var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders");
        var state = LoggerMessage.Define<string, string>(LogLevel.Information, new EventId(3), "{First} and {Second}");
        // Many rounds, until the code is at its last tier, which the runtime compiles beside.
        var allocated = long.MaxValue;
        for (var round = 0; round < 2000 && allocated > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 50; i++)
            {
                state(log, "one", "two", null);
                Generated(log, "three");
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Thread.Yield();
        }
        Assert.Equal(0, allocated);
    }

#pragma warning disable SYSLIB1015 // An argument that no hole shows.
    [LoggerMessage(9, LogLevel.Debug, "{number} then {text}")]
    static partial void Swapped(ILogger log, string text, int number, string more);
#pragma warning restore SYSLIB1015

    [LoggerMessage(10, LogLevel.Information, "generated {text}")]
    static partial void Generated(ILogger log, string text);

    async Task<HostingLake> LogAsync(Action<ILogger> action, Func<LegionOptions, LegionOptions>? configure = null, Dictionary<string, string?>? settings = null)
    {
        using (var host = Host(
            options => (configure?.Invoke(options) ?? options) with { Telemetry = options.Telemetry with { Sink = sink, Bridges = Bridges.None } },
            settings ?? new() { ["Legion:MinimumLevel"] = "Debug" }))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            action(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders"));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }
        var lake = new HostingLake();
        await lake.AppendAsync(sink);
        return lake;
    }

    static IHost Host(Func<LegionOptions, LegionOptions> configure, Dictionary<string, string?> settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "shop", EnvironmentName = "Staging" });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddLegion(configure);
        return builder.Build();
    }
}
