"""Archives are judged before an entry is read."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.foundations.documents.archives import ArchiveLimits, check_archive, is_plain_path
from territoires.kernel.errors import Invalid


def archive(tmp_path: Path, *entries: str | zipfile.ZipInfo, content: bytes = b"x") -> Path:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in entries:
            made.writestr(entry, content)
    return path


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(Invalid) as refused:
        check_archive(path, ArchiveLimits(**limits))
    return refused.value.code


def test_a_plain_archive_passes(tmp_path):
    check_archive(archive(tmp_path, "acte.pdf", "annexes/plan é.png", "vide/"))


def test_a_bomb_is_refused_by_its_ratio_and_by_its_size(tmp_path):
    bomb = archive(tmp_path, "zeros", content=bytes(20_000_000))
    assert refusal(bomb) == "archive-bomb"
    assert refusal(bomb, ratio=10**6, opened_bytes=10**7) == "archive-bomb"


def test_a_crowd_of_entries_is_refused_before_the_list_is_read(tmp_path):
    assert refusal(archive(tmp_path, *map(str, range(30))), entries=20) == "archive-entries"
    assert refusal(archive(tmp_path, *map(str, range(30))), directory_bytes=500) == "archive-entries"


def test_a_lie_about_the_number_of_entries_changes_nothing(tmp_path):
    path = archive(tmp_path, *map(str, range(30)))
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", content, at + 8, 1, 1)
    path.write_bytes(content)
    assert refusal(path, entries=20) == "archive-entries"


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../x", "C:/x", "a\\..\\x", "a//b", "./x", "ab\u202etxt.exe", "a\nb"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    assert refusal(archive(tmp_path, name)) == "archive-name"


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(archive(tmp_path, link, content=b"/etc/passwd")) == "archive-name"


def test_two_names_that_a_system_confuses_are_refused(tmp_path):
    assert refusal(archive(tmp_path, "Acte.pdf", "acte.PDF")) == "archive-double"


def test_depth_and_locks_are_refused(tmp_path):
    assert refusal(archive(tmp_path, "a/b/c/d"), depth=3) == "archive-depth"
    path = archive(tmp_path, "a")
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "archive-encrypted"


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"not a zip at all", b"PK\x03\x04" + b"\x00" * 100])
def test_a_broken_archive_is_said_to_be(tmp_path, content):
    path = tmp_path / "broken.zip"
    path.write_bytes(content)
    assert refusal(path) == "archive-broken"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_archives_never_surprise(tmp_path, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("acte.pdf", "x" * 50)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.zip"
    path.write_bytes(content)
    try:
        check_archive(path)
    except Invalid as refused:
        assert refused.code.startswith("archive-")


@given(st.text(max_size=60))
def test_a_plain_path_stays_below_its_folder(name):
    if is_plain_path(name):
        root = Path("/srv/archive")
        assert (root / name).resolve().is_relative_to(root)
