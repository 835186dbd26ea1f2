"""Archives of envelopes: the same bytes each time, nothing hostile taken in."""

import io
import random
import tarfile
from datetime import UTC, datetime

import pytest

from territoires.kernel.errors import Invalid
from territoires.services.legality.actions.filing import MOST_ANNEXES
from territoires.services.legality.domain.actes import archives
from territoires.services.legality.domain.actes.archives import Entry, pack, unpack
from territoires.services.legality.domain.preflight import FILES_SIZE, TOTAL_SIZE

AT = datetime(2026, 3, 12, 20, 30, tzinfo=UTC)


def packed(*files, at=AT):
    target = io.BytesIO()
    pack([Entry(name, len(data), [data[:3], data[3:]]) for name, data in files], target, at=at)
    return target.getvalue()


def hostile(*headers, compression="gz"):
    """An archive with headers as given: (name, type, data)."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=f"w:{compression}", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, data in headers:
            header = tarfile.TarInfo(name)
            header.type, header.size, header.linkname = kind, len(data), "target"
            archive.addfile(header, io.BytesIO(data))
    return target.getvalue()


def test_what_was_packed_comes_out():
    files = [("envelope.xml", b"<a/>"), ("empty.xml", b""), ("act.pdf", b"%PDF" * 50_000)]
    assert list(unpack(io.BytesIO(packed(*files)))) == files


def test_the_same_files_at_the_same_instant_are_the_same_bytes():
    assert packed(("a", b"1"), ("b", b"2")) == packed(("a", b"1"), ("b", b"2"))
    assert packed(("a", b"1")) != packed(("a", b"1"), at=AT.replace(minute=31))


def test_the_sample_archive_is_read(shared_data):
    [sample] = (shared_data / "legality-accounting/actes/archive").glob("*.tar.gz")
    with sample.open("rb") as file:
        assert [name for name, _ in unpack(file)] == [
            "EACT--210600730--20180115-1.xml",
            "006-210600730-20180115-007-AR-1-1_0.xml",
            "CO_DE-006-210600730-20180115-007-AR-1-1_1.jpg",
        ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no archive",
        packed(("a", b"x" * 5000))[:-30],
        hostile(("../a", tarfile.REGTYPE, b"1")),
        hostile(("/etc/passwd", tarfile.REGTYPE, b"1")),
        hostile(("folder/a", tarfile.REGTYPE, b"1")),
        hostile(("link", tarfile.SYMTYPE, b"")),
        hostile(("link", tarfile.LNKTYPE, b"")),
        hostile(("folder", tarfile.DIRTYPE, b"")),
        hostile(("pipe", tarfile.FIFOTYPE, b"")),
        hostile(("a", tarfile.REGTYPE, b"1"), ("a", tarfile.REGTYPE, b"2")),
        hostile(*[(f"{number}", tarfile.REGTYPE, b"") for number in range(archives.ENTRY_LIMIT + 1)]),
        hostile(("a", tarfile.REGTYPE, b"1"), compression="bz2"),
    ],
    ids=[
        "empty",
        "no archive",
        "cut off",
        "parent folder",
        "absolute path",
        "in a folder",
        "symbolic link",
        "hard link",
        "folder",
        "pipe",
        "one name twice",
        "too many entries",
        "another compression",
    ],
)
def test_an_archive_that_could_harm_is_refused(data):
    with pytest.raises(Invalid) as refusal:
        list(unpack(io.BytesIO(data)))
    assert refusal.value.code == "actes-archive"


def test_a_bomb_is_stopped_where_it_opens():
    bomb = hostile(("a", tarfile.REGTYPE, b"\0" * 4_000_000))
    assert len(bomb) < 10_000
    with pytest.raises(Invalid):
        list(unpack(io.BytesIO(bomb), limit=3_000_000))


def test_what_preflight_lets_pass_fits_though_it_does_not_compress():
    noise = random.Random(1).randbytes(4_000_000)
    growth = (len(packed(("a", noise))) - len(noise)) / len(noise)
    per_file = 512 + 511 + 250  # its header, the padding after it, its line in the message
    assert growth * FILES_SIZE + (MOST_ANNEXES + 3) * per_file < TOTAL_SIZE - FILES_SIZE


def test_an_archive_beyond_what_the_ministry_takes_is_not_made(monkeypatch):
    monkeypatch.setattr(archives, "SIZE_LIMIT", 2000)
    noise = random.Random(1).randbytes(20_000)
    with pytest.raises(Invalid) as refusal:
        packed(("a", noise))
    assert refusal.value.code == "actes-archive-size"
