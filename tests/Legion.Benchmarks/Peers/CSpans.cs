using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Legion.Benchmarks.Peers;

/// <summary>The same span in C: the same two records of 16 bytes each, the same clock, the same stores. The loop is in C too.</summary>
sealed unsafe class CSpans : Peer
{
    const string Source = """
        #include <stdint.h>
        #include <stdatomic.h>

        #if defined(__x86_64__)
        #include <x86intrin.h>
        static inline uint64_t ticks(void) { return __rdtsc(); }
        #elif defined(__aarch64__)
        static inline uint64_t ticks(void) { uint64_t t; __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t)); return t; }
        #endif

        #define WORDS (1 << 18)

        struct cursor { _Atomic(uint64_t *) position; uint64_t *limit; };

        static uint64_t segment[WORDS];
        static _Thread_local struct cursor mine;

        static __attribute__((noinline)) void more(struct cursor *cursor)
        {
            atomic_store_explicit(&cursor->position, segment, memory_order_release);
            cursor->limit = segment + WORDS - 8;
        }

        static inline void append(struct cursor *cursor, uint64_t prefix)
        {
            if (atomic_load_explicit(&cursor->position, memory_order_relaxed) >= cursor->limit) more(cursor);
            uint64_t *at = atomic_load_explicit(&cursor->position, memory_order_relaxed);
            at[0] = prefix;
            at[1] = ticks();
            atomic_store_explicit(&cursor->position, at + 2, memory_order_release);
        }

        void spans(int calls)
        {
            for (int call = 0; call < calls; call++)
            {
                append(&mine, 0x0000000700020001);
                append(&mine, 0x0000000000020003);
            }
        }
        """;

    readonly nint library;
    readonly delegate* unmanaged<int, void> spans;

    CSpans(string file) : base("c", Aim.AtMost, 1.05)
    {
        library = NativeLibrary.Load(file);
        spans = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "spans");
    }

    /// <summary>None where there is no compiler, or one for another kind of processor; that is said on standard error.</summary>
    public static CSpans[] Compiled()
    {
        var folder = Directory.CreateTempSubdirectory("legion-benchmark-");
        try
        {
            var (source, library) = (Path.Combine(folder.FullName, "spans.c"), Path.Combine(folder.FullName, "spans.so"));
            File.WriteAllText(source, Source);
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-O2", "-shared", "-fPIC", "-o", library, source]))!;
            compiler.WaitForExit();
            if (compiler.ExitCode == 0) return [new CSpans(library)];
            Console.Error.WriteLine($"span-vs-c is left out: cc ended with {compiler.ExitCode}");
        }
        catch (Win32Exception missing)
        {
            Console.Error.WriteLine($"span-vs-c is left out: cannot run cc: {missing.Message}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return [];
    }

    public override void Call(int calls) => spans(calls);

    public override void Dispose() => NativeLibrary.Free(library);
}
