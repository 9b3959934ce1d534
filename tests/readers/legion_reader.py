"""Reads .legion batches and single blocks, written from FORMAT.md alone with nothing but the standard library.

    legion_reader.py [--spans] [--logs] [--metrics] FILE...

A file is a batch, a block or a schema; its first four bytes say which. Every line of output is one JSON object.
Blocks need the schemas they name: give the schema's file along with the block's.
"""
import hashlib
import json
import re
import sys
import uuid

from legion_bytes import NONE, Damaged, Reader, Unknown, check, crc32c, lz4, text

TRACE = 0
CLASSES = ["trace", "metric", "log", "other"]
NUMBERS = {1: "B", 2: "H", 3: "I", 4: "Q", 5: "b", 6: "h", 7: "i", 8: "q", 9: "f", 10: "d", 11: "?", 12: "Q", 13: "q"}
ENUM, TEXT, BYTES, FIXED, ARRAY, VALUES, PROPERTIES = 14, 15, 16, 17, 18, 19, 20
SITE, TEMPLATE, STRING, SET = 21, 22, 23, 24


def read_schema(data):
    reader = Reader(data)
    check(reader.take(4) == b"LGSC", "no schema")
    version, count = reader.get("HH")
    if version != 1:
        raise Unknown(f"schema version {version}")

    def attributes():
        return dict(reader.many(8, lambda: (reader.string(), reader.string())))

    def field():
        name, (kind, element, offset, size) = reader.string(), reader.get("BBII")
        return dict(name=name, type=kind, element=element, offset=offset, size=size, attributes=attributes())

    def event_type():
        name, (version, size) = reader.string(), reader.get("II")
        return dict(name=name, version=version, size=size, attributes=attributes(), fields=reader.many(18, field))

    return [event_type() for _ in range(count)]


def read_batch(data, schemas, blocks):
    """One batch at the reader's position; what it holds is added to `schemas` and `blocks`."""
    magic, version, _, count, size = data.get("4sHHIQ")
    check(magic == b"LGBT", "no batch")
    if version != 1:
        raise Unknown(f"batch version {version}")
    items = Reader(data.take(size))
    for _ in range(count):
        kind, _, length, checksum = items.get("HHII")
        item = items.take(length)
        check(crc32c(item) == checksum, "an item's checksum differs")
        if kind == 3:
            schemas[hashlib.sha256(item).digest()] = read_schema(item)
        elif kind == 4:
            blocks.append(item)


class Block:
    def __init__(self, data):
        reader = Reader(data)
        magic, version, endian, _, size, self.stored, checksum = reader.get("4sHBBIII")
        check(magic == b"LGBK", "no block")
        if version != 1 or endian != 0:
            raise Unknown(f"block version {version}, endianness {endian}")
        check(size <= 4 << 20 and self.stored <= 64 << 20, "a size is beyond its limit")
        entries = Reader(reader.take(size))
        check(crc32c(data[:16] + bytes(4) + entries.data) == checksum, "the header's checksum differs")
        self.entries = entries.entries()
        check(self.entries.keys() >= set(range(1, 15)), "a required entry is missing")
        self.content = reader.take(self.stored)
        check(not reader.left, "bytes follow the content")
        self.id, self.stream, self.process = (str(uuid.UUID(bytes=bytes(self.entry(n).take(16)))) for n in (1, 2, 3))
        self.schema = bytes(self.entry(4).take(32))
        self.stream_class, self.encoding, self.codec = (self.entry(n).get(f) for n, f in ((5, "B"), (6, "H"), (7, "B")))
        self.dependency_size, self.events_size = self.entry(8).get("II")
        self.sequence = self.entry(10).get("Q")
        self.first_ordinal, self.next_ordinal = self.entry(11).get("QQ")
        self.count = self.entry(12).get("I")
        self.first_tick, self.last_tick = self.entry(13).get("QQ")
        clock = self.entry(14)
        self.offset = clock.get("q")
        self.knots = clock.many(24, lambda: clock.get("Qqq"))
        check(len(self.knots) >= 2 and all(a[0] < b[0] for a, b in zip(self.knots, self.knots[1:])), "bad clock")
        self.open_spans = self.read_open_spans() if 15 in self.entries else []
        contexts = self.entry(16) if 16 in self.entries else Reader(b"")
        self.open_contexts = [contexts.get("I") for _ in range(contexts.left // 4)]
        self.flags = self.entry(17).get("I") if 17 in self.entries else 0

    def entry(self, kind):
        return Reader(self.entries[kind])

    def read_open_spans(self):
        reader = self.entry(15)

        def row():
            ordinal, tick, begin_ns, child_ticks, site, depth = reader.get("QQqQII")
            name = reader.string()
            reader.properties()
            return dict(id=ordinal, begin_ns=begin_ns, site=site, name=name)
        return reader.many(48, row)

    def ns(self, tick):
        """Nanoseconds UTC of a tick."""
        later = next((i for i, knot in enumerate(self.knots) if knot[0] > tick), len(self.knots))
        at = min(max(later - 1, 0), len(self.knots) - 2)
        (ticks0, mono0, _), (ticks1, mono1, _) = self.knots[at:at + 2]
        return self.offset + mono0 + (tick - ticks0) * (mono1 - mono0) // (ticks1 - ticks0)

    def unpack(self):
        size = self.dependency_size + self.events_size
        check(size <= 64 << 20 and size <= 255 * self.stored, "the content is declared too large")
        if self.encoding != 0 or self.codec > 1:
            raise Unknown(f"encoding {self.encoding}, codec {self.codec}")
        content = lz4(self.content, size) if self.codec else self.content
        check(len(content) == size, "the content has another size")
        check(crc32c(content) == self.entry(9).get("I"), "the content's checksum differs")
        dependencies = Reader(content[:self.dependency_size])
        self.strings = dependencies.many(4, dependencies.string)
        self.sets = dependencies.many(4, lambda: Reader(dependencies.sized()).properties())
        self.sites = dependencies.many(16, lambda: dependencies.get("IIII"))
        self.templates = dependencies.many(8, lambda: dependencies.get("II"))
        self.rows = content[self.dependency_size:]

    def refer(self, table, reference):
        check(reference == NONE or reference < len(table), "a reference points beyond its table")
        return None if reference == NONE else table[reference]

    def site_name(self, site):
        row = self.refer(self.sites, NONE if site is None else site)
        return row and self.refer(self.strings, row[0])

    def events(self, types):
        """Each event as (ordinal, name of its type, its fields by name)."""
        reader, ordinal, count = Reader(self.rows), self.first_ordinal, 0
        while reader.left:
            index = reader.get("H")
            check(index < len(types), "an event's type is not in the schema")
            kind = types[index]
            data = reader.take(kind["size"] or reader.get("I"))
            event = {f["name"]: self.field(f, data) for f in kind["fields"]}
            yield ordinal, kind["name"], event
            if kind["name"] == "legion.gap":
                ordinal += event["events"]
            else:
                ordinal, count = ordinal + 1, count + 1
        check((count, ordinal) == (self.count, self.next_ordinal), "events and header disagree")

    def field(self, field, event):
        place, kind = Reader(event), field["type"]
        place.take(field["offset"])
        data = place.take(field["size"])
        if kind in NUMBERS:
            return Reader(data).get(NUMBERS[kind])
        if kind == ENUM:
            return int.from_bytes(data, "little")
        if kind == FIXED:
            return bytes(data)
        if SITE <= kind <= SET:
            reference = Reader(data).get("I")
            row = self.refer([self.sites, self.templates, self.strings, self.sets][kind - SITE], reference)
            return row if kind in (STRING, SET) else None if row is None else reference
        if kind < ENUM or kind > SET:
            return None
        offset, length = Reader(data).get("II")
        part = Reader(event)
        part.take(offset)
        part = Reader(part.take(length))
        if kind == ARRAY:
            element = part.string if field["element"] == TEXT else lambda: part.get(NUMBERS[field["element"]])
            return [element() for _ in iter(lambda: part.left, 0)]
        if kind in (VALUES, PROPERTIES) and not part.left:
            return [] if kind == VALUES else {}
        if kind in (VALUES, PROPERTIES):
            return part.many(5, part.value) if kind == VALUES else part.properties()
        return text(part.data) if kind == TEXT else bytes(part.data)


class Spans:
    """The open spans of one stream, from block to block."""

    def __init__(self):
        self.open, self.next = [], None

    def begin_block(self, block):
        if block.flags & 1:
            check(block.sequence in (0, self.next), "the stream has to be read from its start")
        else:
            still = {span["id"] for span in block.open_spans}
            if self.next == block.sequence:
                yield from (self.row(span, None) for span in self.open if span["id"] not in still)
            self.open = []
            for span in block.open_spans:
                self.push(span["id"], span["begin_ns"], span["name"] or block.site_name(span["site"]))
        self.next = block.sequence + 1

    def push(self, ordinal, begin_ns, name):
        parent = self.open[-1]["id"] if self.open else None
        self.open.append(dict(id=ordinal, parent=parent, depth=len(self.open), begin_ns=begin_ns, name=name))

    def event(self, block, ordinal, kind, event):
        if kind in ("legion.span_begin", "legion.span_begin_dynamic"):
            self.push(ordinal, block.ns(event["tick"]), event.get("name") or block.site_name(event.get("site")))
        elif kind == "legion.span_end":
            check(self.open, "a span ends that never began")
            yield self.row(self.open.pop(), block.ns(event["tick"]))

    @staticmethod
    def row(span, end_ns):
        return dict(id=span["id"], parent=span["parent"], depth=span["depth"], begin_ns=span["begin_ns"],
                    end_ns=end_ns, name=span["name"])


def show(value, form):
    """A value as text; of the formats this reader knows fixed-point and hexadecimal numbers."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (int, float)) and not isinstance(value, bool) and re.fullmatch(r"[Ff]\d+", form):
        return f"{value:.{form[1:]}f}"
    if isinstance(value, int) and not isinstance(value, bool) and form in ("x", "X"):
        return format(value & 0xFFFFFFFFFFFFFFFF, form)
    return "" if value is None else str(value)


def fill(template, arguments):
    """The text of a template with its holes filled in order."""
    values = iter(arguments)

    def hole(match):
        if match[0] in ("{{", "}}"):
            return match[0][0]
        for value in values:
            width = int(match[2] or 0)
            shown = show(value, match[3] or "")
            return shown.ljust(-width) if width < 0 else shown.rjust(width)
        return "{" + match[1] + "}"
    return re.sub(r"\{\{|\}\}|\{([^{},:]*)(?:,\s*(-?\d+))?(?::([^{}]*))?\}", hole, template)


def describe(block, types, spans, wanted):
    """The lines of one block."""
    counts, rows = {}, []
    block.unpack()
    if block.stream_class == TRACE:
        rows += ({"span": row} for row in spans.begin_block(block))
    for ordinal, kind, event in block.events(types):
        counts[kind] = counts.get(kind, 0) + 1
        if block.stream_class == TRACE:
            rows += ({"span": row} for row in spans.event(block, ordinal, kind, event))
        elif kind == "legion.log":
            template = block.refer(block.templates, NONE if event.get("template") is None else event["template"])
            message = fill(block.refer(block.strings, template[0]), event.get("arguments") or []) if template else None
            rows.append({"log": dict(ordinal=ordinal, ns=block.ns(event["tick"]), severity=event.get("severity"), text=message)})
        elif kind == "legion.metric":
            rows.append({"metric": dict(ordinal=ordinal, ns=block.ns(event["tick"]), name=block.site_name(event.get("site")),
                                        unit=event.get("unit"), value=event.get("value"))})
    yield dict(block=block.id, stream=block.stream, process=block.process, **{"class": CLASSES[block.stream_class]},
               sequence=block.sequence, first_ordinal=block.first_ordinal, next_ordinal=block.next_ordinal,
               events=block.count, begin_ns=block.ns(block.first_tick), end_ns=block.ns(block.last_tick), types=counts)
    yield from (row for row in rows if next(iter(row)) in wanted)


def main(arguments):
    wanted = {name for name in ("span", "log", "metric") if f"--{name}s" in arguments}
    schemas, items, blocks, streams, failed = {}, [], [], {}, False

    def guarded(action, *parameters):
        nonlocal failed
        try:
            return action(*parameters)
        except (Damaged, Unknown) as error:
            failed = True
            print(json.dumps({"error": f"{type(error).__name__.lower()}: {error}"}))

    def read_file(data):
        if data[:4] == b"LGBK":
            items.append(data)
        elif data[:4] == b"LGSC":
            schemas[hashlib.sha256(data).digest()] = read_schema(data)
        else:
            reader = Reader(data)
            while reader.left:
                read_batch(reader, schemas, items)

    def print_block(block):
        check(block.schema in schemas, f"schema {block.schema.hex()} is missing")
        for line in list(describe(block, schemas[block.schema], streams.setdefault(block.stream, Spans()), wanted)):
            print(json.dumps(line, ensure_ascii=True))

    for path in (argument for argument in arguments if not argument.startswith("--")):
        with open(path, "rb") as file:
            guarded(read_file, file.read())
    blocks = [block for block in (guarded(Block, item) for item in items) if block]
    for block in sorted(blocks, key=lambda block: (block.process, block.stream, block.sequence)):
        guarded(print_block, block)
    for spans in streams.values() if "span" in wanted else ():
        for span in spans.open:
            print(json.dumps({"span": Spans.row(span, None)}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
