"""What is seen of a signature: a stamp with words, drawn upright on its page, beside those that are there."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from .drawing import drawing
from .geometry import Box, Page, page_frame

MARGIN = 28.0
GAP = 6.0
DRAWINGS_KEPT = 4
INHERITABLE = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")

# A reader of PDF is no place for two threads.
_local = threading.local()


@dataclass(frozen=True, slots=True)
class VisibleStamp:
    """Lines to show, the first in bold: name, capacity, date. An image proves nothing: the file's signature does.

    ``page`` counts from 0, or back from -1; ``at`` is where its bottom left corner is seen, in points from that of the
    page, None for the first free place from the bottom right.
    """

    lines: Sequence[str]
    page: int = -1
    at: tuple[float, float] | None = None
    width: float = 170.0
    height: float = 62.0


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of one page, in the file's own coordinates."""

    page: int
    frame: Page
    box: Box


def place_for(writer: IncrementalPdfFileWriter, stamp: VisibleStamp) -> Place:
    """Where the stamp goes: never over another signature's, always wholly on the page."""
    count = int(writer.root["/Pages"]["/Count"])
    number = min(max(stamp.page + count if stamp.page < 0 else stamp.page, 0), count - 1)
    page = writer.find_page_for_modification(number)[0].get_object()
    frame = page_frame({name: _inherited(page, name) for name in INHERITABLE})
    x, y = stamp.at or _free(frame, stamp, [frame.box_seen(box) for box in _taken(page)])
    x = min(max(x, 0), max(frame.width - stamp.width, 0))
    y = min(max(y, 0), max(frame.height - stamp.height, 0))
    return Place(number, frame, frame.box_to_user((x, y, x + stamp.width, y + stamp.height)))


def draw(
    writer: IncrementalPdfFileWriter, widget: generic.DictionaryObject, place: Place, stamp: VisibleStamp
) -> None:
    """Gives the widget the stamp's drawing, turned against its page."""
    page = _drawn(stamp)
    content = page["/Contents"].get_object()
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers((0, 0, stamp.width, stamp.height)),
            pdf_name("/Matrix"): _numbers(place.frame.turning),
            pdf_name("/Resources"): writer.import_object(page["/Resources"]),
        },
        stream_data=content.data,
    )
    form.compress()
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})
    writer.update_container(widget)


def _drawn(stamp: VisibleStamp) -> generic.DictionaryObject:
    """The page of the stamp's drawing; the last ones are kept, since whoever signs ten acts has ten equal stamps."""
    if not hasattr(_local, "page"):
        _local.page = lru_cache(maxsize=DRAWINGS_KEPT)(_page)
    page: generic.DictionaryObject = _local.page(tuple(stamp.lines), stamp.width, stamp.height)
    return page


def _page(lines: Sequence[str], width: float, height: float) -> generic.DictionaryObject:
    reader = PdfFileReader(io.BytesIO(drawing(lines, width, height)))
    page: generic.DictionaryObject = reader.root["/Pages"]["/Kids"][0].get_object()
    return page


def _taken(page: generic.DictionaryObject) -> list[Box]:
    """The rectangles of the page's form fields."""
    annotations = [one.get_object() for one in page["/Annots"]] if "/Annots" in page else []
    rectangles = [
        [float(side.get_object()) for side in one["/Rect"]]
        for one in annotations
        if "/Rect" in one and one["/Subtype"] == "/Widget" and len(one["/Rect"]) == 4
    ]
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in rectangles if x0 != x1 and y0 != y1]


def _free(frame: Page, stamp: VisibleStamp, taken: Sequence[Box]) -> tuple[float, float]:
    """The first place that touches no other, from the bottom right to the left, then up; the last one when all are taken."""
    x = y = MARGIN
    for row in range(max(1, int((frame.height - 2 * MARGIN) // (stamp.height + GAP)))):
        for column in range(max(1, int((frame.width - 2 * MARGIN) // (stamp.width + GAP)))):
            x = frame.width - MARGIN - stamp.width - column * (stamp.width + GAP)
            y = MARGIN + row * (stamp.height + GAP)
            if not any(_meet((x, y, x + stamp.width, y + stamp.height), other) for other in taken):
                return x, y
    return x, y


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inherited(page: generic.DictionaryObject, name: str) -> Any:
    for _depth in range(64):
        if name in page:
            return page[name]
        if "/Parent" not in page:
            return None
        page = page["/Parent"]
    return None


def _numbers(values: Sequence[float]) -> generic.ArrayObject:
    return generic.ArrayObject([generic.FloatObject(round(value, 4)) for value in values])
