"""How pyHanko reads a string in hexadecimal, at once: it takes the some ten thousand digits of a signature one by one.

Importing this module is enough. What is not plain digits between ``<`` and ``>`` is left to pyHanko's own reading, so that
the two never answer differently.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from typing import IO, Any

from pyhanko.pdf_utils import generic

PIECE = 4096
LONGEST = 256 * 1024
"""Bytes looked at before the reading is left to pyHanko: signatures have some 20 KiB of digits."""

_PLAIN = re.compile(rb"<((?:[0-9A-Fa-f]{2})*)>")
_one_by_one = generic.read_hex_string_from_stream


def read_hex_string(stream: IO[bytes]) -> Any:
    """The string object at the place of ``stream``, which is then behind it. Raises what pyHanko raises."""
    start = stream.tell()
    text = stream.read(PIECE)
    while b">" not in text and len(text) < LONGEST and (more := stream.read(len(text))):
        text += more
    found = _PLAIN.match(text)
    if found is None:
        stream.seek(start)
        return _one_by_one(stream)
    stream.seek(start + found.end())
    return generic.pdf_string(unhexlify(found[1]))


generic.read_hex_string_from_stream = read_hex_string
