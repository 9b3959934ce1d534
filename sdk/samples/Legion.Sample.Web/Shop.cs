using System.Security.Cryptography;

namespace Legion.Sample.Web;

/// <summary>What is left of an item.</summary>
sealed record Stock(int Item, int Left, double Price)
{
    public static Stock Of(int item) => new(item, 7 + item * 13 % 50, 2.5 + item);
}

/// <summary>An order with its price.</summary>
sealed record Order(int Id, int Items, double Total)
{
    /// <summary>Some processor time: a price is sealed by hashing it again and again.</summary>
    const int Rounds = 2000;

    public static Order Price(int id, Stock stock)
    {
        var items = 1 + id % 4;
        var seal = BitConverter.GetBytes(items * stock.Price);
        for (var round = 0; round < Rounds; round++) seal = SHA256.HashData(seal);
        // The seal's first byte decides on a discount of at most 1 %.
        return new Order(id, items, items * stock.Price * (1 - seal[0] / 25_500.0));
    }
}

/// <summary>A list of many orders: some megabytes of small objects.</summary>
sealed record Report(int Number, IReadOnlyList<string> Lines)
{
    const int Orders = 100_000;

    public static Report Of(int number) => new(number, [.. Enumerable.Range(0, Orders).Select(order => $"order {order} of report {number}: {order % 7} items")]);
}
