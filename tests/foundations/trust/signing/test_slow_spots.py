"""What is made quick answers as the library does, whatever it is given."""

from __future__ import annotations

import io

import pytest
from asn1crypto.x509 import NameTypeAndValue
from hypothesis import given
from hypothesis import strategies as st

from territoires.foundations.trust.signing import slow_spots
from territoires.foundations.trust.signing.slow_spots import LONGEST, read_hex_string

pieces = st.sampled_from([b"0", b"a", b"F", b" ", b"\n", b"%x\n", b">", b"<", b"g", b"\x00", b"30" * 3000])


def read(by, text: bytes) -> tuple[object, object, int]:
    stream = io.BytesIO(text)
    try:
        found = by(stream)
    except Exception as refusal:
        return type(refusal), str(refusal), 0
    return type(found), getattr(found, "original_bytes", found), stream.tell()


@given(st.lists(pieces, max_size=12).map(b"".join))
def test_it_is_read_as_pyhanko_reads_it(inside: bytes) -> None:
    text = b"<" + inside
    assert read(read_hex_string, text) == read(slow_spots._one_by_one, text)


@pytest.mark.parametrize("digits", [0, 20_000, LONGEST, LONGEST + 4])
def test_long_ones_too(digits: int) -> None:
    text = b"<" + b"3f" * (digits // 2) + b"> /Next"
    assert read(read_hex_string, text) == read(slow_spots._one_by_one, text)


@given(st.text(max_size=40))
def test_a_name_is_prepared_as_asn1crypto_prepares_it(text: str) -> None:
    def by(prepare) -> str:
        try:
            return prepare(NameTypeAndValue({"type": "common_name", "value": ""}), text)
        except ValueError as refusal:
            return str(refusal)

    assert by(NameTypeAndValue._ldap_string_prep) == by(slow_spots._prepare)
