namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string AnnotationColumns = "annotation_id, process_id, begin_ns, end_ns, stream_id, name, note, created_ns, created_by";

    public Task<IReadOnlyList<AnnotationRow>> ReadAnnotationsAsync(Tenant tenant, CancellationToken cancellation) => LookAsync<IReadOnlyList<AnnotationRow>>(async look => await look.ReadAsync(
        $"SELECT {AnnotationColumns} FROM annotations WHERE tenant = @tenant ORDER BY process_id, begin_ns, annotation_id", new { tenant = tenant.Name },
        row => new AnnotationRow(RowReading.Id(row, 0), RowReading.Id(row, 1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : RowReading.Id(row, 4),
            row.IsDBNull(5) ? null : row.GetString(5), row.GetString(6), row.GetInt64(7), row.GetString(8))), cancellation);

    public Task<bool> AnnotateAsync(Tenant tenant, AnnotationRow annotation, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        // An erasure of the process waits, or comes first and leaves no process.
        if (await LockAsync(transaction, tenant, annotation.ProcessId) is null) return false;
        var id = RowReading.Bytes(annotation.AnnotationId);
        await transaction.ExecuteAsync("DELETE FROM annotations WHERE tenant = @tenant AND annotation_id = @id", new { tenant = tenant.Name, id });
        await transaction.ExecuteAsync(
            $"INSERT INTO annotations (tenant, {AnnotationColumns}) VALUES (@tenant, @id, @process, @BeginNs, @EndNs, @stream, @Name, @Note, @CreatedNs, @CreatedBy)",
            new
            {
                tenant = tenant.Name,
                id,
                process = RowReading.Bytes(annotation.ProcessId),
                annotation.BeginNs,
                annotation.EndNs,
                stream = annotation.StreamId is { } stream ? RowReading.Bytes(stream) : null,
                annotation.Name,
                annotation.Note,
                annotation.CreatedNs,
                annotation.CreatedBy,
            });
        return true;
    }, cancellation);

    public Task<bool> DeleteAnnotationAsync(Tenant tenant, Guid annotationId, CancellationToken cancellation) => WriteAsync(async transaction =>
        await transaction.ExecuteAsync("DELETE FROM annotations WHERE tenant = @tenant AND annotation_id = @id", new { tenant = tenant.Name, id = RowReading.Bytes(annotationId) }) > 0, cancellation);
}
