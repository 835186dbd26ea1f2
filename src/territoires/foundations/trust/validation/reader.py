"""Judges the signatures of one file in a process of its own, with bounded memory and processor: it may be hostile.

The folder is run as a module with a path and, on its input, the authorities as JSON (``AuthoritySources``); writes a ``FileReport`` as
JSON. It reads no setting, no key and no network.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from territoires.foundations.trust.signing.certificates import AuthoritySources, use_authorities
from territoires.kernel.errors import Invalid

from .asic import judge_archive
from .cms import is_time_stamp, judge_cms, open_cms
from .kinds import Kind, kind_of
from .pdf import validate_pdf
from .report import FileReport, Problem, Unjudged
from .xml import holds_xml_signature

MEMORY = 1 << 30
SECONDS = 8
"""Of the processor; ``bounded`` counts those of the clock."""
PIECE = 1 << 16


def judge(path: Path) -> FileReport:
    """The report of a file of any kind; an unreadable one is a ``Problem``."""
    now = datetime.now(UTC)
    try:
        match kind_of(path):
            case Kind.PDF:
                return FileReport(tuple(validate_pdf(path, at=now)))
            case Kind.CMS:
                return _judge_cms(path, now)
            case Kind.ARCHIVE:
                return judge_archive(path, now)
            case Kind.XML:
                return FileReport(unjudged=(Unjudged.XML,) if holds_xml_signature(_pieces(path)) else ())
            case Kind.MESSAGE:
                return FileReport(unjudged=(Unjudged.MAIL,))
            case None:
                return FileReport()
    except Invalid as refusal:
        return FileReport(problem=Problem(refusal.code, refusal.message, refusal.remedy))


def _judge_cms(path: Path, now: datetime) -> FileReport:
    content = open_cms(path.read_bytes())
    if is_time_stamp(content):
        return FileReport(unjudged=(Unjudged.TIME_STAMP,))
    return FileReport(tuple(judge_cms(content, now)))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limit_resources()
    use_authorities(TypeAdapter(AuthoritySources).validate_json(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(TypeAdapter(FileReport).dump_json(judge(Path(sys.argv[1]))))
