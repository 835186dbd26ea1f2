"""The few DER forms that time-stamps need, written and read by hand (ITU-T X.690). See docs/adr/0001.

Writing is on the hot path of the authority; reading is strict: one encoding for each value, nothing left over.
"""

from __future__ import annotations

from dataclasses import dataclass

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x18, 0x30, 0x31
CONTEXT_0 = 0xA0


class Malformed(ValueError):
    """These bytes are not the DER that was expected."""


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element: tag, shortest length, the contents joined."""
    body = b"".join(contents)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*contents: bytes) -> bytes:
    return tlv(SEQUENCE, *contents)


def set_of(*elements: bytes) -> bytes:
    """SET OF: the elements in the order of their encodings, as DER wants."""
    return tlv(SET, *sorted(elements))


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    body = bytearray()
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        body += bytes(reversed(groups))
    return tlv(OID, bytes(body))


@dataclass(frozen=True, slots=True)
class Element:
    """One element as read: its ``tag``, its ``body`` and its whole ``encoding``."""

    tag: int
    body: bytes
    encoding: bytes


class Reader:
    """Reads the elements of ``data`` one after the other. Each method raises Malformed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def next_tag(self) -> int | None:
        """The tag of the next element; None at the end."""
        return self._data[self._at] if self._at < len(self._data) else None

    def read(self, tag: int) -> Element:
        """The next element, which must have this tag."""
        if self.next_tag != tag:
            raise Malformed(f"tag {tag:#04x} was expected")
        start, body = self._at, self._at + 2
        size = self._byte(self._at + 1)
        if size >= 0x80:
            octets = size & 0x7F
            size = int.from_bytes(self._data[body : body + octets], "big")
            body += octets
            if not 1 <= octets <= 4 or size < 0x80 or size >> (8 * (octets - 1)) == 0:
                raise Malformed("a length is not in its shortest form")
        end = body + size
        if end > len(self._data):
            raise Malformed("an element is cut")
        self._at = end
        return Element(tag, self._data[body:end], self._data[start:end])

    def read_integer(self) -> Element:
        """The next element, an INTEGER in its shortest form."""
        found = self.read(INTEGER)
        body = found.body
        if not body or (len(body) > 1 and (body[0], body[1] >> 7) in ((0, 0), (0xFF, 1))):
            raise Malformed("an integer is not in its shortest form")
        return found

    def read_oid(self) -> Element:
        """The next element, an OBJECT IDENTIFIER whose arcs are in their shortest form."""
        found = self.read(OID)
        arc_starts = (b"\x00" + found.body)[:-1]
        if (
            not found.body
            or found.body[-1] & 0x80
            or any(
                byte == 0x80 and not before & 0x80
                for before, byte in zip(arc_starts, found.body, strict=True)
            )
        ):
            raise Malformed("an object identifier is not in its shortest form")
        return found

    def read_boolean(self) -> bool:
        """The next element, a BOOLEAN."""
        body = self.read(BOOLEAN).body
        if body not in (b"\x00", b"\xff"):
            raise Malformed("a boolean is neither true nor false")
        return body == b"\xff"

    def finish(self) -> None:
        """Raises Malformed when something is left."""
        if self.next_tag is not None:
            raise Malformed("something follows the end")

    def _byte(self, at: int) -> int:
        if at >= len(self._data):
            raise Malformed("an element is cut")
        return self._data[at]
