"""Where things stand on a page as it is seen: cropped, turned, scaled (ISO 32000-1, 8.3 and 14.11.2).

Two frames: the *seen* one, origin at the bottom left corner of the page as displayed, in points on paper; and the *user*
one, in which the file's coordinates are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]

A4: Box = (0, 0, 595.28, 841.89)
_TURNS: Mapping[int, tuple[int, int, int, int]] = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}
"""For each /Rotate, the linear part of the way from the seen frame to the user frame."""


@dataclass(frozen=True, slots=True)
class Page:
    """The frame of a page: what is shown of it (user space), how it is turned (clockwise), its user unit."""

    crop: Box
    turn: int = 0
    unit: float = 1.0

    @property
    def width(self) -> float:
        return self._seen[0]

    @property
    def height(self) -> float:
        return self._seen[1]

    @property
    def turning(self) -> Matrix:
        """Upright in the seen frame, from a drawing's own frame; to be completed by a place."""
        a, b, c, d = _TURNS[self.turn]
        return (a, b, c, d, 0, 0)

    def to_user(self, x: float, y: float) -> tuple[float, float]:
        """The point of the user frame that is seen at ``x``, ``y``."""
        a, b, c, d = _TURNS[self.turn]
        left, bottom, right, top = self.crop
        origin_x = {0: left, 90: right, 180: right, 270: left}[self.turn]
        origin_y = {0: bottom, 90: bottom, 180: top, 270: top}[self.turn]
        x, y = x / self.unit, y / self.unit
        return origin_x + a * x + c * y, origin_y + b * x + d * y

    def box_to_user(self, box: Box) -> Box:
        """The rectangle of the user frame that is seen as ``box``."""
        return _sorted((*self.to_user(box[0], box[1]), *self.to_user(box[2], box[3])))

    def box_seen(self, box: Box) -> Box:
        """The inverse of ``box_to_user``."""
        (a, b, c, d), (x0, y0) = _TURNS[self.turn], self.to_user(0, 0)
        corners = [
            ((a * (x - x0) + b * (y - y0)) * self.unit, (c * (x - x0) + d * (y - y0)) * self.unit)
            for x, y in ((box[0], box[1]), (box[2], box[3]))
        ]
        return _sorted((*corners[0], *corners[1]))

    def matrix_at(self, x: float, y: float) -> Matrix:
        """What draws, upright, a drawing of one unit a point, its bottom left corner seen at ``x``, ``y``."""
        a, b, c, d = (value / self.unit for value in _TURNS[self.turn])
        return (a, b, c, d, *self.to_user(x, y))

    @property
    def _seen(self) -> tuple[float, float]:
        left, bottom, right, top = self.crop
        size = ((right - left) * self.unit, (top - bottom) * self.unit)
        return size if self.turn in (0, 180) else (size[1], size[0])


def page_frame(read: Mapping[str, Any]) -> Page:
    """The frame from the inheritable entries of a page: MediaBox, CropBox, Rotate, UserUnit. Nonsense becomes A4."""
    media = _box(read.get("/MediaBox")) or A4
    crop = _box(read.get("/CropBox")) or media
    shown = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if shown[0] >= shown[2] or shown[1] >= shown[3]:
        shown = media
    turn, unit = read.get("/Rotate"), read.get("/UserUnit")
    return Page(
        shown,
        int(turn) % 360 if turn is not None and int(turn) % 90 == 0 else 0,
        float(unit) if unit is not None and float(unit) > 0 else 1.0,
    )


def _box(read: Sequence[Any] | None) -> Box | None:
    if read is None or len(read) != 4:
        return None
    box = _sorted((float(read[0]), float(read[1]), float(read[2]), float(read[3])))
    return box if box[0] < box[2] and box[1] < box[3] else None


def _sorted(box: Box) -> Box:
    x0, y0, x1, y1 = box
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
