"""Writes a batch, from FORMAT.md alone: a process, a stream, a schema of its own layout, and a block of spans and a log.

    legion_client.py --write FILE

The span events are laid out as a C compiler aligns `struct { uint32_t site; uint64_t tick; }`, unlike the SDK's own.
"""
import hashlib
import struct
import sys

from legion_reader import NONE, crc32c

U8, U64, TICK, VALUES, SITE, TEMPLATE = 1, 4, 12, 19, 21, 22
TRACE, LOG = 0, 2
START_NS = 1_700_000_000_000_000_000
TICKS_PER_SECOND = 3_000_000_000


def new_id(number):
    """A UUID of version 7; the time and the number stand in for the randomness that a real client has."""
    return (START_NS // 1_000_000).to_bytes(6, "big") + b"\x70\x00\x80" + number.to_bytes(7, "big")


def sized(data):
    return struct.pack("<I", len(data)) + data


def string(text):
    return sized(text.encode())


def table(rows):
    return struct.pack("<I", len(rows)) + b"".join(rows)


def entries(**values):
    """Entries from keywords like e1=b"..."."""
    return b"".join(struct.pack("<H", int(name[1:])) + sized(value) for name, value in values.items())


def u64(value):
    return struct.pack("<Q", value)


def event_type(name, size, *fields):
    rows = [string(field) + struct.pack("<BBII", kind, 0, offset, length) + table([]) for field, kind, offset, length in fields]
    return string(name) + struct.pack("<II", 1, size) + table([]) + table(rows)


SCHEMA = b"LGSC" + struct.pack("<HH", 1, 3) + b"".join([
    event_type("legion.span_begin", 16, ("site", SITE, 0, 4), ("tick", TICK, 8, 8)),
    event_type("legion.span_end", 8, ("tick", TICK, 0, 8)),
    event_type("legion.log", 0, ("tick", TICK, 0, 8), ("severity", U8, 8, 1), ("template", TEMPLATE, 12, 4),
               ("thread_id", U64, 16, 8), ("arguments", VALUES, 24, 8)),
])


def begin(site, tick):
    return struct.pack("<HI4xQ", 0, site, tick)


def end(tick):
    return struct.pack("<HQ", 1, tick)


def log(tick, severity, template, *numbers):
    arguments = table([b"\x02" + sized(struct.pack("<q", number)) for number in numbers])
    event = struct.pack("<QB3xIQII", tick, severity, template, 7, 32, len(arguments)) + arguments
    return struct.pack("<H", 2) + sized(event)


def block(number, stream, process, stream_class, first, last, events):
    dependencies = (table([string(text) for text in ("frame", "draw", "renderer", "drew {count} triangles")])
                    + table([])
                    + table([struct.pack("<IIII", name, 2, NONE, 0) for name in (0, 1)])
                    + table([struct.pack("<II", 3, 1)]))
    content = dependencies + b"".join(events)
    knots = [struct.pack("<Qqq", second * TICKS_PER_SECOND, second * 10**9, START_NS + second * 10**9) for second in (0, 1)]
    header = entries(
        e1=new_id(number), e2=stream, e3=process, e4=hashlib.sha256(SCHEMA).digest(),
        e5=bytes([stream_class]), e6=struct.pack("<H", 0), e7=b"\x00",
        e8=struct.pack("<II", len(dependencies), len(content) - len(dependencies)),
        e9=struct.pack("<I", crc32c(content)), e10=u64(0), e11=u64(0) + u64(len(events)),
        e12=struct.pack("<I", len(events)), e13=u64(first) + u64(last),
        e14=struct.pack("<q", START_NS) + table(knots))
    prefix = b"LGBK" + struct.pack("<HBBII", 1, 0, 0, len(header), len(content))
    return prefix + struct.pack("<I", crc32c(prefix + bytes(4) + header)) + header + content


def batch():
    process, trace, logs = new_id(1), new_id(2), new_id(3)
    items = [
        (1, entries(e1=process, e2=u64(1), e4=b"a client in Python", e10=struct.pack("<q", START_NS))),
        (2, entries(e1=trace, e2=process, e3=u64(1), e4=u64(TRACE), e5=b"main", e6=u64(7))),
        (2, entries(e1=logs, e2=process, e3=u64(1), e4=u64(LOG), e5=b"log")),
        (3, SCHEMA),
        (4, block(4, trace, process, TRACE, 3000, 15000,
                  [begin(0, 3000), begin(1, 6000), end(9000), begin(1, 9003), end(12001), end(15000)])),
        (4, block(5, logs, process, LOG, 6000, 9003, [log(6000, 9, 0, 12), log(9003, 13, 0, -1)])),
    ]
    data = b"".join(struct.pack("<HHII", kind, 0, len(item), crc32c(item)) + item for kind, item in items)
    return b"LGBT" + struct.pack("<HHIQ", 1, 0, len(items), len(data)) + data


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--write":
        sys.exit(__doc__)
    with open(sys.argv[2], "wb") as file:
        file.write(batch())
