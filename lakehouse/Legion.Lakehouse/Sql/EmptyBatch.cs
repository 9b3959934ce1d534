using Apache.Arrow;
using Apache.Arrow.Types;

namespace Legion.Lakehouse.Sql;

/// <summary>The batch of a result without rows.</summary>
static class EmptyBatch
{
    public static RecordBatch Of(Schema schema) =>
        new(schema, schema.FieldsList.Select(field => ArrowArrayFactory.BuildArray(Data(field.DataType))), 0);

    /// <summary>No values in as many buffers as the type's layout has.</summary>
    /// <remarks>https://arrow.apache.org/docs/format/Columnar.html#buffer-listing-for-each-layout</remarks>
    static ArrayData Data(IArrowType type)
    {
        var buffers = type.TypeId switch
        {
            ArrowTypeId.Null => 0,
            ArrowTypeId.Struct or ArrowTypeId.FixedSizeList => 1,
            ArrowTypeId.Union => ((UnionType)type).Mode == UnionMode.Dense ? 2 : 1,
            ArrowTypeId.String or ArrowTypeId.Binary or ArrowTypeId.LargeString or ArrowTypeId.LargeBinary => 3,
            _ => 2,
        };
        var children = type is NestedType nested ? nested.Fields.Select(field => Data(field.DataType)) : [];
        var dictionary = type is DictionaryType coded ? Data(coded.ValueType) : null;
        return new ArrayData(type, 0, 0, 0, Enumerable.Repeat(ArrowBuffer.Empty, buffers), children, dictionary);
    }
}
