using Legion.Lakehouse;
using Legion.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Legion.Cli.Serving;

/// <summary>Has blocks made of the requests of OpenTelemetry for as long as the service runs, whoever filed them.</summary>
sealed partial class ArrivalLoop(ArrivalWork work, ArrivalNotice notice, TimeProvider clock, ILogger<ArrivalLoop> log) : BackgroundService
{
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work.RunAsync(notice, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cause)
            {
                // The border of the request, whose second half this is: what somebody sent must not end a service that others use.
                // What cannot be read is set aside where that is noticed; what fails otherwise counts as an attempt, of which there are a few.
                Failed(log, cause);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests of OpenTelemetry could not be made blocks; they stay filed and are tried again")]
    static partial void Failed(ILogger log, Exception cause);
}
