using Legion.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Legion.Viewer.Flight;

/// <summary>Arrow Flight: SQL in, record batches out. It speaks HTTP/2, which without TLS needs an address of its own.</summary>
public static class FlightEndpoints
{
    /// <summary>Makes it known before the host is built, beside <see cref="ViewerEndpoints.AddViewer"/>, whose lakes it asks.</summary>
    public static void AddFlight(this IServiceCollection services)
    {
        // Routes for methods that there are not would be open to nobody, and in nobody's list.
        services.AddGrpc(options => options.IgnoreUnknownServices = true).AddFlightServer<LakeFlights>();
    }

    public static void MapFlight(this IEndpointRouteBuilder routes) => routes.MapFlightEndpoint().WithMetadata(new RouteAccess(KeyRole.Read));
}
