using System.Buffers;
using System.Runtime.InteropServices;

namespace Legion.Notebook;

/// <summary>
/// Bytes that grow at their end. They lie outside of the managed heap, where large memory grows by moving pages instead of copying them,
/// so that ten million rows never lie in memory twice. Whoever holds <see cref="MemoryManager{T}.Memory"/> keeps them.
/// </summary>
sealed unsafe class GrowingMemory : MemoryManager<byte>
{
    const int FirstBytes = 4096;

    byte* _bytes;
    int _capacity;
    int _length;

    ~GrowingMemory() => Dispose(disposing: false);

    /// <summary>A span has no more.</summary>
    public static int MostBytes => Array.MaxLength;

    /// <summary>Appends bytes.</summary>
    /// <returns>False where there would be more than <see cref="MostBytes"/>; nothing is appended then.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MostBytes - _length) return false;
        if (_length + bytes.Length > _capacity)
        {
            // Pages that nothing was written to take no memory.
            _capacity = (int)Math.Min(MostBytes, Math.Max(Math.Max(FirstBytes, 2L * _capacity), (long)_length + bytes.Length));
            _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)_capacity);
        }
        bytes.CopyTo(new Span<byte>(_bytes + _length, bytes.Length));
        _length += bytes.Length;
        GC.KeepAlive(this);
        return true;
    }

    public override Span<byte> GetSpan() => new(_bytes, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex, pinnable: this);

    public override void Unpin()
    {
        // It never moves once it is handed out.
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
        _capacity = _length = 0;
    }
}
