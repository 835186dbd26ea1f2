"""Days and instants as programs send them: those of a register, never the ends of the calendar.

At its ends a conversion between zones has no result, and the database holds what nobody reads again.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

FIRST, LAST = 1800, 2199
OUT_OF_RANGE = "out_of_calendar"
D = TypeVar("D", bound=date)


def _of_a_register(found: D) -> D:
    if FIRST <= found.year <= LAST:
        return found
    raise PydanticCustomError(OUT_OF_RANGE, "The year lies outside 1800 to 2199")


Day = Annotated[date, AfterValidator(_of_a_register)]
Instant = Annotated[AwareDatetime, AfterValidator(_of_a_register)]
