"""What every reader of the format begins with: checksums, LZ4, and a position in bytes that checks before it takes."""
import struct

NONE = 0xFFFFFFFF
LAST_ENTRY = 17  # of those the format describes; others belong to later versions


class Damaged(Exception):
    """The bytes are not what the format allows."""


class Unknown(Exception):
    """The bytes belong to a version of the format that this reader does not know."""


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC = crc32c_table()


def crc32c(data):
    crc = NONE
    for byte in data:
        crc = CRC[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ NONE


def check(condition, what):
    if not condition:
        raise Damaged(what)


def lz4(source, size):
    """Decodes one LZ4 block that holds exactly `size` bytes."""
    out, at = bytearray(), 0

    def length(nibble):
        nonlocal at
        total = nibble
        while nibble == 15 or nibble == 255:
            nibble = source[at]
            at += 1
            total += nibble
        return total

    try:
        while True:
            token = source[at]
            at += 1
            literals = length(token >> 4)
            check(at + literals <= len(source), "LZ4 literals end early")
            out += source[at:at + literals]
            at += literals
            if at == len(source):
                break
            distance = source[at] | source[at + 1] << 8
            at += 2
            match = length(token & 15) + 4
            check(0 < distance <= len(out) and len(out) + match <= size, "LZ4 match lies outside")
            start = len(out) - distance
            for i in range(start, start + match):
                out.append(out[i])
    except IndexError:
        raise Damaged("LZ4 data end early") from None
    check(len(out) == size, "LZ4 data have another size")
    return bytes(out)


class Reader:
    """A position in bytes; whatever is not there is damage."""

    def __init__(self, data):
        self.data, self.at = data, 0

    @property
    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        check(count <= self.left, f"{count} bytes are declared and {self.left} are left")
        self.at += count
        return self.data[self.at - count:self.at]

    def get(self, form):
        values = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))
        return values[0] if len(values) == 1 else values

    def sized(self):
        return self.take(self.get("I"))

    def string(self):
        return text(self.sized())

    def many(self, least, row):
        """`u32` count, then that many rows of at least `least` bytes."""
        count = self.get("I")
        check(count * least <= self.left, f"{count} rows do not fit into {self.left} bytes")
        return [row() for _ in range(count)]

    def value(self):
        tag, payload = self.get("B"), self.sized()
        if tag in (1, 2, 3, 4):
            return Reader(payload).get({1: "?", 2: "q", 3: "Q", 4: "d"}[tag])
        return text(payload) if tag == 5 else bytes(payload) if tag == 6 else None

    def properties(self):
        return dict(self.many(9, lambda: (self.string(), self.value())))

    def entries(self):
        found = {}
        while self.left:
            kind, length = self.get("HI")
            check(kind not in found or kind > LAST_ENTRY, f"entry {kind} occurs twice")
            found[kind] = self.take(length)
        return found


def text(data):
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise Damaged("invalid UTF-8") from None
