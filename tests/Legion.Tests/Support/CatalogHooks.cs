using System.Reflection;
using Legion.Store;

namespace Legion.Tests.Support;

/// <summary>A catalog that runs something around each call, or those of one method: <c>Around</c> is given the call and decides when, whether and how often it is made.</summary>
class CatalogHooks : DispatchProxy
{
    static readonly MethodInfo Typed = typeof(CatalogHooks).GetMethod(nameof(RunAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;

    ICatalog real = null!;
    Func<string, Func<Task>, Task> around = null!;

    /// <summary>Where the call is made more than once, its last result counts.</summary>
    public static ICatalog Around(ICatalog real, Func<string, Func<Task>, Task> around)
    {
        var catalog = Create<ICatalog, CatalogHooks>();
        ((CatalogHooks)(object)catalog).real = real;
        ((CatalogHooks)(object)catalog).around = around;
        return catalog;
    }

    public static ICatalog Around(ICatalog real, string method, Func<Func<Task>, Task> around) => Around(real, (name, call) => name == method ? around(call) : call());

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.ReturnType;
        if (result == typeof(Task)) return around(targetMethod.Name, () => (Task)targetMethod.Invoke(real, args)!);
        return Typed.MakeGenericMethod(result.GenericTypeArguments[0]).Invoke(this, [targetMethod, args]);
    }

    async Task<T> RunAsync<T>(MethodInfo method, object?[]? arguments)
    {
        Task<T>? last = null;
        await around(method.Name, () => last = (Task<T>)method.Invoke(real, arguments)!);
        return await last!;
    }
}
