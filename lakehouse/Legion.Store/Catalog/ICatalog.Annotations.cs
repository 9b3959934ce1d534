namespace Legion.Store;

public partial interface ICatalog
{
    // Annotations. They go with their process.

    /// <summary>In order of process, begin and id.</summary>
    Task<IReadOnlyList<AnnotationRow>> ReadAnnotationsAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Writes an annotation down, in place of the one of its id.</summary>
    /// <returns>False, and nothing is written, where the tenant has no such process.</returns>
    Task<bool> AnnotateAsync(Tenant tenant, AnnotationRow annotation, CancellationToken cancellation);

    /// <returns>False where there is none of this id.</returns>
    Task<bool> DeleteAnnotationAsync(Tenant tenant, Guid annotationId, CancellationToken cancellation);
}
