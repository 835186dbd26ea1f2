"""What makes an act executory beside the register: publicity on paper, exceptions, the way that the body chose."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from territoires.foundations.registry.api import Day
from territoires.kernel.clock import legal_day

from ..actions import duties, posting
from ..permissions import Legality
from ..queries import effect
from ..queries.configuration import body_at
from .acts import ActOut, ActReason, performed
from .shared import actor_of, require

router = Router()


class PostingIn(Schema):
    """``emergency``: posted before it goes on line; the others are what the body decided."""

    mode: Literal["posting", "paper", "emergency"]
    place: str = Field(max_length=posting.PLACE_LENGTH)
    posted_on: Day


class PostingEnd(Schema):
    """The last day on which it hung, included."""

    removed_on: Day


class DutyIn(ActReason):
    """Whether this one act goes to the State, against the rule of its kind."""

    is_transmitted: bool


class ChoiceIn(Schema):
    """``is_small`` declares a population under the threshold, where the platform does not know it."""

    mode: Literal["electronic", "posting", "paper"]
    from_on: Day
    deliberation: str = Field(max_length=duties.DELIBERATION_LENGTH)
    is_small: bool = False


class ChoiceOut(Schema):
    mode: str
    from_on: date
    deliberation: str


class Publicity(Schema):
    """How the body makes its acts public today, whether it may choose, and what it chose, the latest first."""

    mode: str
    may_choose: bool
    choices: list[ChoiceOut]


@router.post("/acts/{act}/post", response={200: ActOut}, summary="Record that an act is public on paper")
def post_act(request: HttpRequest, response: HttpResponse, act: UUID, notice: PostingIn) -> ActOut:
    given = posting.PostingNotice(**notice.model_dump())
    return performed(request, response, posting.post_act, act, notice=given)


@router.post("/acts/{act}/end-posting", response={200: ActOut}, summary="Record the last day of a posting")
def end_posting(request: HttpRequest, response: HttpResponse, act: UUID, end: PostingEnd) -> ActOut:
    return performed(request, response, posting.end_posting, act, removed_on=end.removed_on)


@router.post(
    "/acts/{act}/declare-duty",
    response={200: ActOut},
    summary="Declare that an act is, or is not, transmitted to the State",
)
def declare_duty(request: HttpRequest, response: HttpResponse, act: UUID, given: DutyIn) -> ActOut:
    return performed(request, response, duties.declare_duty, act, **given.model_dump())


@router.get("/publicity", response={200: Publicity}, summary="How your body makes its acts public")
def read_publicity(request: HttpRequest) -> Publicity:
    require(request, Legality.CHOOSE)
    return _publicity(request)


@router.put("/publicity", response={200: Publicity}, summary="Record how your body decided to publish")
def choose_publication(request: HttpRequest, given: ChoiceIn) -> Publicity:
    """The same day again corrects the choice of that day."""
    duties.choose_publication(actor=actor_of(request), **given.model_dump())
    return _publicity(request)


def _publicity(request: HttpRequest) -> Publicity:
    body = body_at(actor_of(request).acting_organisation())
    found = effect.publicity_of(body, legal_day(actor_of(request).now()))
    choices = [
        ChoiceOut(**{name: getattr(one, name) for name in ChoiceOut.model_fields})
        for one in effect.choices_of(body.pk)
    ]
    return Publicity(mode=found.mode, may_choose=found.may_choose, choices=choices)
