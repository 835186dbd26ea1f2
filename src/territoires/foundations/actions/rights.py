"""Rights: a permission is a few named grounds, each ``(actor, permission) -> Q | None``, some of them forbidding.

``visible`` filters by the grounds, ``may`` is the same filter with a key, ``why`` names those that held: the three
agree by construction. Nothing is allowed that no ground allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from territoires.kernel.actor import Actor
from territoires.kernel.errors import Denied

M = TypeVar("M", bound=Model)
Rule = Callable[[Actor, str], Q | None]


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason to allow or forbid. ``rule`` answers the rows it speaks of, or None when it does not hold at all."""

    name: str
    label: str | Promise
    rule: Rule


@dataclass(frozen=True, slots=True)
class Right:
    """The rule of one permission. ``on`` is the model (``app_label.Model``) it bears on, None for no object."""

    permission: StrEnum
    label: str | Promise
    grounds: Sequence[Ground]
    on: str | None = None
    forbidding: Sequence[Ground] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``why`` answers: the grounds that allowed, those that forbade, and the sentence for an administrator."""

    allowed: bool
    grounds: tuple[Ground, ...] = ()
    forbidding: tuple[Ground, ...] = ()
    source: str = ""
    details: dict[str, Any] = field(default_factory=dict)


_rights: dict[str, Right] = {}


def declare(*rights: Right) -> None:
    """Registers rights; called once by each ``permissions`` module. A second rule for a permission is refused."""
    for right in rights:
        known = _rights.get(right.permission)
        if known is not None and known is not right:
            raise ValueError(f"{right.permission} already has a rule")
        _rights[right.permission] = right


def declared() -> dict[str, Right]:
    """Every declared right, by permission code."""
    return dict(_rights)


def right_of(permission: StrEnum) -> Right:
    """The rule of a permission. A permission without a rule is a programming error, never a silent yes."""
    return _rights[permission]


def in_acting_organisation(path: str = "organisation_id") -> Ground:
    """Holds for rows of the acting organisation when a role or mandate there grants the permission.

    ``path`` leads from the row to the organisation's id. For a right without object it asks only for the grant.
    """

    def rule(actor: Actor, permission: str) -> Q | None:
        if actor.organisation is None or not actor.holds(permission):
            return None
        return Q(**{path: actor.organisation}) if path else Q()

    return Ground("organisation", _("a role or mandate in the acting organisation"), rule)


def granted() -> Ground:
    """For a right without object: a role or mandate in the acting organisation grants it."""
    return in_acting_organisation("")


def platform_wide() -> Ground:
    """Holds for every row when the acting organisation runs the platform and grants the permission."""

    def rule(actor: Actor, permission: str) -> Q | None:
        return Q() if actor.is_operator and actor.holds(permission) else None

    return Ground("operator", _("a role at the operator of the platform"), rule)


def anyone(rows: Q | None = None) -> Ground:
    """Holds for everybody, signed in or not, on the given rows."""
    return Ground(
        "public", _("public by nature"), lambda actor, permission: rows if rows is not None else Q()
    )


def oneself(path: str) -> Ground:
    """Holds for rows that lead to the actor's own person."""

    def rule(actor: Actor, permission: str) -> Q | None:
        return Q(**{path: actor.person}) if actor.person else None

    return Ground("oneself", _("your own data"), rule)


def visible(actor: Actor, permission: StrEnum, rows: QuerySet[M] | None = None) -> QuerySet[M]:
    """The rows of the right's model (or of ``rows``) on which the actor has the permission."""
    right = right_of(permission)
    if right.on is None:
        raise TypeError(f"{permission} bears on no object")
    queryset: QuerySet[Any] = apps.get_model(right.on)._default_manager.all() if rows is None else rows
    allowed = _united(right.grounds, actor, permission)
    if allowed is None:
        return queryset.none()
    queryset = queryset.filter(allowed)
    forbidden = _united(right.forbidding, actor, permission)
    if forbidden is None:
        return queryset
    # A subquery, so that a forbidding ground across a many-valued relation excludes the row, not the join's line.
    model = queryset.model
    return queryset.exclude(pk__in=model._default_manager.filter(forbidden).values("pk"))


def may(actor: Actor, permission: StrEnum, target: Model | UUID | None = None) -> bool:
    """Whether the actor has the permission: on ``target`` (row or key) when the right bears on one."""
    right = right_of(permission)
    if right.on is None:
        return _united(right.grounds, actor, permission) is not None and (
            _united(right.forbidding, actor, permission) is None
        )
    if target is None:
        raise TypeError(f"{permission} bears on a {right.on}")
    key = target.pk if isinstance(target, Model) else target
    return visible(actor, permission).filter(pk=key).exists()


def holds_plainly(actor: Actor, permission: StrEnum, row: Model) -> bool:
    """Whether ``may`` is already certain from a row just read: no ground forbids, and one that allows speaks of every
    row or compares columns of this one. False says nothing: the database is then asked."""
    right = right_of(permission)
    allowed = _united(right.grounds, actor, permission)
    if allowed is None or _united(right.forbidding, actor, permission) is not None:
        return False
    return _holds_plainly(allowed, row, {field.attname for field in row._meta.concrete_fields})


def _holds_plainly(rows: Q, row: Model, columns: Set[str]) -> bool:
    """What is compared otherwise than by a plain column of the row counts as not held."""
    held = (
        _holds_plainly(one, row, columns)
        if isinstance(one, Q)
        else isinstance(one, tuple) and one[0] in columns and bool(getattr(row, one[0]) == one[1])
        for one in rows.children
    )
    judge = {Q.AND: all, Q.OR: any}.get(rows.connector)
    return judge is not None and not rows.negated and judge(held)


def why(actor: Actor, permission: StrEnum, target: Model | UUID | None = None) -> Explanation:
    """Which grounds held, and through which role or mandate: for administrators and for the judge."""
    right = right_of(permission)
    held = tuple(g for g in right.grounds if _holds(g, right, actor, permission, target))
    forbade = tuple(g for g in right.forbidding if _holds(g, right, actor, permission, target))
    grant = actor.grants.get(permission)
    details = (
        {"through": grant.through, "label": grant.label, "reference": grant.reference, "until": grant.until}
        if grant
        else {}
    )
    return Explanation(
        allowed=bool(held) and not forbade,
        grounds=held,
        forbidding=forbade,
        source=grant.label if grant else "",
        details=details,
    )


def require(actor: Actor, permission: StrEnum, target: Model | UUID | None = None) -> None:
    """Raises Denied unless ``may``."""
    if not may(actor, permission, target):
        raise denied(permission)


def denied(permission: StrEnum) -> Denied:
    """The refusal of a permission, in the words of its right."""
    return Denied(
        "no-right",
        "You do not have the right to do this: %(right)s.",
        "Ask an administrator of your organisation, who can see and change the roles.",
        params={"right": right_of(permission).label, "permission": str(permission)},
    )


def _united(grounds: Sequence[Ground], actor: Actor, permission: str) -> Q | None:
    united: Q | None = None
    for ground in grounds:
        rows = ground.rule(actor, permission)
        if rows is None:
            continue
        if not rows:  # an empty Q speaks of every row; OR with anything else is still every row
            return Q()
        united = rows if united is None else united | rows
    return united


def _holds(ground: Ground, right: Right, actor: Actor, permission: str, target: Model | UUID | None) -> bool:
    rows = ground.rule(actor, permission)
    if rows is None:
        return False
    if right.on is None:
        return True
    key = target.pk if isinstance(target, Model) else target
    return bool(apps.get_model(right.on)._default_manager.filter(rows, pk=key).exists())
