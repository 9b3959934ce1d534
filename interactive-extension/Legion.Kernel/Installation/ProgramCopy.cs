using System.Security.Cryptography;
using System.Text;

namespace Legion.Kernel.Installation;

/// <summary>
/// A copy of a program's folder under a name made of its content. A kernel that runs from the build's output
/// would lose its assemblies at the next build.
/// </summary>
static class ProgramCopy
{
    /// <summary>Copies what is not there yet.</summary>
    /// <returns>The copy's folder.</returns>
    public static string Make(string program, string copies)
    {
        var files = Directory.EnumerateFiles(program, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(program, file))
            .Order(StringComparer.Ordinal)
            .ToList();
        var copy = Path.Combine(copies, Hash(program, files));
        if (Directory.Exists(copy))
            return copy;

        // Complete or not there: a copy gets its name only when its last file is written.
        var next = Path.Combine(copies, $".next-{Guid.NewGuid():N}");
        foreach (var file in files)
        {
            var target = Path.Combine(next, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(program, file), target);
        }
        try
        {
            Directory.Move(next, copy);
        }
        catch (IOException) when (Directory.Exists(copy))
        {
            // Somebody else installed the same program meanwhile.
            Directory.Delete(next, recursive: true);
        }
        return copy;
    }

    static string Hash(string program, IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            using var stream = File.OpenRead(Path.Combine(program, file));
            hash.AppendData(Encoding.UTF8.GetBytes(file.Replace('\\', '/')));
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
