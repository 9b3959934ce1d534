"""Reads .legion files, single blocks and schemas: written from FORMAT.md alone, with the standard library alone.

    legion_reader.py [--events=TYPE] FILE...

Every line of output is a JSON object: a block, before it those of its events that are asked for, or what is damaged.
"""
import bisect, collections, contextlib, hashlib, json, struct, sys, uuid

NONE = 0xFFFFFFFF
NUMBERS = dict(enumerate("BHIQbhiqfd?Qq", 1))  # field types 1 to 13 as struct names them
CRC = range(256)
for _ in range(8): CRC = [crc >> 1 ^ (0x82F63B78 if crc & 1 else 0) for crc in CRC]

def check(holds, what):
    if not holds: raise ValueError(what)

def crc32c(data):
    crc = NONE
    for byte in data: crc = CRC[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ NONE

def unpack(layout, data):
    """The number that the data holds and nothing else, or the numbers where the layout has several."""
    numbers = struct.unpack("<" + layout, data)
    return numbers[0] if len(numbers) == 1 else numbers

class Bytes:
    """A position in bytes, which checks before it takes."""
    def __init__(self, data): self.data, self.at = data, 0
    def __len__(self): return len(self.data) - self.at
    def take(self, count):
        check(count <= len(self), f"expected {count} more bytes, saw {len(self)}")
        self.at += count
        return self.data[self.at - count:self.at]
    def get(self, layout): return unpack(layout, self.take(struct.calcsize("<" + layout)))
    def sized(self): return self.take(self.get("I"))
    def string(self): return str(self.sized(), "utf-8")
    def varint(self):
        number = shift = 0
        while shift < 70:
            number |= ((byte := self.take(1)[0]) & 127) << shift
            if byte < 128: break
            shift += 7
        check(shift < 70 and number < 2**64, "a number has more than 64 bits")
        return number
    def many(self, least, item):
        check((count := self.get("I")) * least <= len(self), f"{count} items are declared, {len(self)} bytes are there")
        return [item() for _ in range(count)]
    def value(self):
        tag, payload = self.get("B"), self.sized()
        if tag in (1, 2, 3, 4): return unpack("?qQd"[tag - 1], payload)
        check(tag or not payload, "a null has a payload")
        return str(payload, "utf-8") if tag == 5 else payload if tag == 6 else None
    def properties(self): return dict(self.many(9, lambda: (self.string(), self.value()))) if self else {}

def lz4(data, size):
    """Literals and matches in turns, literals last. A length of 15 in the token goes on in bytes, up to the first that is not 255."""
    source, out = Bytes(data), bytearray()
    def length(total):
        more = 255 if total == 15 else 0
        while more == 255: total += (more := source.take(1)[0])
        check(len(out) + total <= size, f"LZ4 holds more than {size} bytes")
        return total
    while True:
        token = source.take(1)[0]
        out += source.take(length(token >> 4))
        if not source: break
        start, count = len(out) - source.get("H"), length(token & 15) + 4
        check(0 <= start < len(out), "LZ4 repeats what is not there")
        piece = out[start:start + count]
        out += (piece * (count // len(piece) + 1))[:count]
    return bytes(out)

def read_schema(data):
    """Of each type its name, its size, its attributes, and each field as name, type, element, offset, size, attributes."""
    source = Bytes(data)
    magic, version, count = source.get("4sHH")
    check((magic, version) == (b"LGSC", 1) and len(data) <= 1 << 20, f"expected a schema of version 1, saw {magic} {version}")
    attributes = lambda: dict(source.many(8, lambda: (source.string(), source.string())))
    field = lambda: (source.string(), *source.get("BBII"), attributes())
    types = [(source.string(), source.get("II")[1], attributes(), source.many(18, field)) for _ in range(count)]
    check(not source, "bytes follow the schema")
    check(all(f[2] in NUMBERS or f[2] == 15 for *_, fields in types for f in fields if f[1] == 18), "an array has elements of another type than 1 to 13 and 15")
    return types

def rows(source, types):
    """Of each event of encoding 0 the index of its type, and its bytes."""
    while source:
        check((index := source.get("H")) < len(types), f"type {index} is not in the schema")
        yield index, source.take(types[index][1] or source.get("I"))

def zigzag(number): return number >> 1 ^ -(number & 1)

def column(source, coding, kind, size):
    """Endlessly the values of one column, as a row has them: bytes, of a variable field those that it points at."""
    variable, reference, signed, last = 15 <= kind <= 20 and kind != 17, 21 <= kind <= 24, kind in (5, 6, 7, 8, 13), 0
    integer, least = kind <= 8 or 11 <= kind <= 14 or reference, (1 << 8 * size) - 1
    check(coding == 1 or coding == 0 and not variable or coding == 2 and (variable or integer) or coding == 3 and integer or coding == 4 and kind == 10,
          f"coding {coding} of field type {kind} is unknown")
    constant = source.take(len(source)) if coding == 1 else b""
    check(coding != 1 or variable or len(constant) == size, f"expected a constant of {size} bytes, saw {len(constant)}")
    while True:
        if coding == 1: yield constant
        elif coding == 0: yield source.take(size)
        elif variable: yield source.take(source.varint())
        elif coding == 4:
            number = source.varint()
            check(number == 1 or not number & 1, f"expected a whole number or 1, saw {number}")
            yield source.take(8) if number == 1 else struct.pack("<d", zigzag(number >> 1))
        else:
            last = last + zigzag(source.varint()) if coding == 3 else zigzag(source.varint()) if signed else source.varint()
            yield (last - reference & least).to_bytes(size, "little")

def columns(source, types):
    """Of each event of encoding 1 the index of its type, and its bytes as they are in encoding 0."""
    code, top = ("B", 128) if len(types) <= 128 else ("H", 32768)
    check((count := source.get("I")) <= len(source), f"{count} events are declared, {len(source)} bytes are there")
    codes = struct.unpack(f"<{count}{code}", source.take(count * struct.calcsize(code)))
    ticks, tick, total, values = Bytes(source.sized()), 0, 0, {}
    for index in sorted({number % top for number in codes}):
        check(index < len(types), f"type {index} is not in the schema")
        time = next((field for field in types[index][3] if field[1] == 12 and field[5].get("role") == "time"), None)
        values[index] = []
        for field in types[index][3]:
            coding, data = (1, Bytes(b"")) if field is time else (source.get("B"), Bytes(source.sized()))
            values[index].append((field, data, None if field is time else column(data, coding, field[1], field[4])))
    check(not source, "bytes follow the columns")
    for number in codes:
        if number < top: tick = tick + ticks.varint() & 2**64 - 1
        index = number % top
        event = bytearray(types[index][1] or max((field[3] + field[4] for field in types[index][3]), default=0))
        for (_, kind, _, offset, size, _), _, cells in values[index]:
            cell = next(cells) if cells else tick.to_bytes(8, "little")
            if 15 <= kind <= 20 and kind != 17: event, cell = event + cell, struct.pack("<II", len(event), len(cell))
            event[offset:offset + size] = cell
        total += len(event) + 2
        check(total <= 64 << 20, "the rows have more than 64 MiB")
        yield index, bytes(event)
    check(not ticks and not any(data for cells in values.values() for _, data, _ in cells), "bytes follow the ticks or the last value of a column")

def refer(table, reference):
    check(reference == NONE or reference < len(table), f"expected a reference below {len(table)}, saw {reference}")
    return None if reference == NONE else table[reference]

class Block:
    def __init__(self, data):
        magic, version, endianness, _, size, stored, checksum = Bytes(data).get("4sHBBIII")
        check((magic, version, endianness) == (b"LGBK", 1, 0), f"expected a block of version 1, saw {magic} {version} {endianness}")
        header, content = data[20:20 + size], data[20 + size:]
        check(len(header) == size <= 4 << 20 and len(content) == stored <= 64 << 20, f"expected {size} and {stored} bytes, saw {len(data)}")
        check(crc32c(data[:16] + bytes(4) + header) == checksum, "the header's checksum differs")
        entries, entry = Bytes(header), {}
        while entries: entry |= {entries.get("H"): entries.sized()}
        check(entry.keys() >= set(range(1, 15)), "an entry is missing")
        self.id, self.stream, self.process = (str(uuid.UUID(bytes=entry[n])) for n in (1, 2, 3))
        self.schema, self.flags = entry[4], unpack("I", entry.get(17, bytes(4)))
        self.stream_class, encoding, codec, sections, checksum, self.sequence, self.ordinals, self.count, self.ticks = (
            unpack(layout, entry[n]) for n, layout in enumerate("B H B II I Q QQ I QQ".split(), 5))
        clock, spans = Bytes(entry[14]), Bytes(entry.get(15, bytes(4)))
        self.utc_offset, self.knots = clock.get("q"), clock.many(24, lambda: clock.get("Qqq"))
        self.open_spans = spans.many(48, lambda: (*spans.get("QQqQII"), spans.string(), spans.properties()))
        ascending = all(a[0] < b[0] and a[1] <= b[1] for a, b in zip(self.knots, self.knots[1:]))
        check(len(self.knots) >= 2 and ascending and not clock and not spans, "the clock is damaged, or bytes follow it or the open spans")
        check(encoding <= 1 and codec <= 1, f"encoding {encoding} or codec {codec} is unknown")
        check((size := sum(sections)) <= min(64 << 20, 255 * stored), f"{stored} bytes cannot hold {size}")
        content = lz4(content, size) if codec else content
        check(len(content) == size, f"expected {size} bytes of content, saw {len(content)}")
        check(crc32c(content) == checksum, "the content's checksum differs")
        source, self.encoding, self.rows = Bytes(content[:sections[0]]), encoding, content[sections[0]:]
        strings, sets = source.many(4, source.string), source.many(4, lambda: Bytes(source.sized()).properties())
        sites = source.many(16, lambda: (*(refer(strings, source.get("I")) for _ in range(3)), source.get("I")))
        templates = source.many(8, lambda: (refer(strings, source.get("I")), refer(sites, source.get("I"))))
        self.sites, self.tables = sites, {21: sites, 22: templates, 23: strings, 24: sets}

    def ns(self, tick):
        at = bisect.bisect_right(self.knots, tick, key=lambda knot: knot[0]) - 1
        (ticks0, mono0, _), (ticks1, mono1, _) = self.knots[(at := min(max(at, 0), len(self.knots) - 2)):at + 2]
        return max(-2**63, min(2**63 - 1, self.utc_offset + mono0 + (tick - ticks0) * (mono1 - mono0) // (ticks1 - ticks0)))

    def field(self, event, kind, element, offset, size, _):
        data = event[offset:offset + size]
        check(len(data) == size, f"expected a field at {offset} to {offset + size}, saw an event of {len(event)} bytes")
        if kind in NUMBERS: return unpack(NUMBERS[kind], data)
        if kind in self.tables: return refer(self.tables[kind], unpack("I", data))
        if kind in (14, 17): return int.from_bytes(data, "little") if kind == 14 else data
        check(15 <= kind <= 20, f"field type {kind} is unknown")
        start, length = unpack("II", data)
        check(start + length <= len(event), "a variable field ends beyond its event")
        part = Bytes(event[start:start + length])
        if kind in (15, 16): return str(part.data, "utf-8") if kind == 15 else part.data
        if kind == 20: return part.properties()
        if kind == 19: return part.many(5, part.value) if part else []
        array = []
        while part: array.append(part.string() if element == 15 else part.get(NUMBERS[element]))
        return array

    def events(self, schemas):
        """Of each event its ordinal, the name of its type, and its fields by name."""
        check(self.schema in schemas, f"schema {self.schema.hex()} is missing")
        types, ordinal, count = schemas[self.schema], self.ordinals[0], 0
        for index, event in (columns if self.encoding else rows)(Bytes(self.rows), types):
            name, _, _, fields = types[index]
            yield ordinal, name, (row := {field: self.field(event, *where) for field, *where in fields})
            ordinal, count = (ordinal + row.get("events", 0), count) if name == "legion.gap" else (ordinal + 1, count + 1)
        check((count, ordinal) == (self.count, self.ordinals[1]), f"expected {self.count} events, saw {count} up to {ordinal}")

def items(data):
    """Kind, bytes and checksum of each item of a file's batches, or of the one schema or block that the file is."""
    file, alone = Bytes(data), {b"LGSC": 3, b"LGBK": 4}.get(data[:4])
    if alone: yield alone, file.take(len(file)), crc32c(data)
    while file:
        magic, version, _, count, size = file.get("4sHHIQ")
        check((magic, version) == (b"LGBT", 1), f"expected a batch of version 1, saw {magic} {version}")
        batch = Bytes(file.take(size))
        for _ in range(count):
            kind, _, length, checksum = batch.get("HHII")
            yield kind, batch.take(length), checksum
        check(not batch, "bytes follow the last item")

@contextlib.contextmanager
def noting(damage):
    try: yield
    except (ValueError, struct.error) as error: damage.append(str(error))

def read(paths):
    """Schemas by their hash, blocks in the order of their streams, and sentences on what is damaged, which costs itself alone."""
    schemas, blocks, damage = {}, [], []
    for path in paths:
        with open(path, "rb") as file, noting(damage):
            for kind, item, checksum in items(file.read()):
                with noting(damage):
                    check(crc32c(item) == checksum, "an item's checksum differs")
                    if kind == 3: schemas[hashlib.sha256(item).digest()] = read_schema(item)
                    if kind == 4: blocks.append(Block(item))
    return schemas, sorted(blocks, key=lambda block: (block.stream, block.sequence)), damage

def write(**line): print(json.dumps(line, default=bytes.hex))

def main(options):
    schemas, blocks, damage = read(option for option in options if not option.startswith("--"))
    for block in blocks:
        types = collections.Counter()
        with noting(damage):
            for ordinal, kind, row in block.events(schemas):
                types[kind] += 1
                if f"--events={kind}" in options: write(event=kind, ordinal=ordinal, fields=row)
            write(block=block.id, stream=block.stream, process=block.process, stream_class=block.stream_class, sequence=block.sequence,
                  ordinals=block.ordinals, events=block.count, begin_ns=block.ns(block.ticks[0]), end_ns=block.ns(block.ticks[1]), types=types)
    for sentence in damage: write(error=sentence)
    return bool(damage)

if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
