"""A body that may send, a person with a certificate, the simulated ministry as a process, and the worker's turns."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.apps import apps

from territoires.foundations.exchange import api as exchange
from territoires.foundations.identity import api as identity
from territoires.foundations.trust import api as trust
from territoires.kernel.actor import Actor, Assurance
from territoires.kernel.clock import system_clock
from territoires.services.legality import jobs
from territoires.services.legality.actions import configuring, transmitting
from territoires.services.legality.channels.ministry import MINISTRY
from territoires.services.legality.models import Act, Route, Transmission
from territoires.services.legality.queries import envelopes
from tests.services.legality.conftest import make_act, make_actor, make_body
from tests.simulators.conftest import ministry, running_ministry  # noqa: F401
from tests.simulators.ministry import Ministry
from tests.waiting import until

SIRENS = itertools.count(21_000_001)
AGREEMENT = configuring.Agreement(
    office="Préfecture de la Côte-d'Or",
    department="021",
    arrondissement="3",
    nature="31",
    signed_on=date(2026, 1, 5),
    from_on=date(2026, 1, 15),
)


def siren(stem: int) -> str:
    """A well-formed SIREN (Luhn) that begins with eight digits."""
    digits = [int(digit) for digit in f"{stem:08}"]
    doubled = [sum(divmod(digit * 2, 10)) if rank % 2 else digit for rank, digit in enumerate(digits)]
    return f"{stem:08}{-sum(doubled) % 10}"


def certificate(
    given_names: str, body_siren: str, *, usual_name: str = "Exemple", until: datetime | None = None
) -> bytes:
    """The DER of a certificate of the demonstration authority for a person of a body."""
    file, password = trust.issue_demonstration_certificate(
        given_names=given_names,
        usual_name=usual_name,
        organisation_name="Commune d'Exemple",
        siren=body_siren,
        usage="transmitter",
        until=until,
    )
    found = pkcs12.load_pkcs12(file, password.encode()).cert
    assert found is not None
    return found.certificate.public_bytes(Encoding.DER)


def person(actor: Actor, given_names: str = "Claire") -> tuple[Actor, Any]:
    """The same actor as a person that exists, who has just proved to be there."""
    rows: Any = apps.get_model("identity.Person")._default_manager
    row = rows.create(given_names=given_names, usual_name="Exemple")
    present = Assurance(level=2, methods=("password", "mfa"), proved_at=system_clock())
    return replace(actor, person=row.pk, clock=system_clock, assurance=present), row


def with_certificate(actor: Actor, row: Any, der: bytes) -> Actor:
    """The actor with an enrolled certificate on the connection."""
    shown = replace(
        actor, assurance=replace(actor.assurance, certificate=trust.read_certificate(der).fingerprint)
    )
    identity.enrol_certificate(actor=shown, person=row, der=der)
    return shown


def configure(body: Any, **way: Any) -> Route:
    """An agreement with the prefect and the channel to the ministry."""
    operator = replace(
        make_actor(body, "operator"), is_operator=True, clock=system_clock, assurance=Assurance(level=2)
    )
    configuring.record_convention(actor=operator, organisation=body, agreement=AGREEMENT)
    options = {
        "channel": MINISTRY.code,
        "from_at": datetime(2026, 1, 15, tzinfo=UTC),
        "transmitter": "TER",
        "return_address": "actes@plateforme.test",
    } | way
    return configuring.record_route(actor=operator, organisation=body, way=configuring.Way(**options))


@dataclass
class Town:
    """A body whose acts go to the State. ``clerk`` may prepare and send, and shows a certificate."""

    body: Any
    clerk: Actor

    def act(self, number: str = "DEL_2026_041", **words: Any) -> Act:
        return make_act(self.clerk, "signed", number=number, **words)

    def confirmed(self, number: str = "DEL_2026_041", **words: Any) -> Transmission:
        """An act that a person has just ordered to leave."""
        act = self.act(number, **words)
        transmitting.prepare_transmission(actor=self.clerk, act=act)
        transmitting.confirm_transmission(actor=self.clerk, act=act)
        return Transmission.objects.get(act=act)


def make_town(name: str = "Commune d'Exemple") -> Town:
    body = make_body(name, siren(next(SIRENS)))
    configure(body)
    clerk, row = person(make_actor(body))
    return Town(body, with_certificate(clerk, row, certificate("Claire", body.siren)))


@pytest.fixture
def town(db: None, settings: Any, ministry: Ministry) -> Town:  # noqa: F811
    settings.ACTES_CONNECTION = ministry.folder / "simulators/ministry/connection.json"
    return make_town()


@pytest.fixture
def live_town(
    live_database: str,
    settings: Any,
    ministry: Ministry,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Town:
    """The same in a database of the test's own, with a book of its own: for threads, processes, the sequencer."""
    witness = tmp_path / "checkpoints.jsonl"
    monkeypatch.setattr("territoires.foundations.journal.witness.path", lambda: witness)
    settings.ACTES_CONNECTION = ministry.folder / "simulators/ministry/connection.json"
    return make_town()


def send_waiting() -> None:
    """What the worker does after a confirmation: the archives, then the bus."""
    for envelope in envelopes.envelopes_to_make():
        jobs.make(envelope)
    exchange.move_once()


def collect() -> None:
    """What the worker does each minute: fetch the mails, read them."""
    assert MINISTRY.collect is not None
    MINISTRY.collect()
    exchange.move_once()


def is_in(row: Any, state: str) -> Callable[[], bool]:
    """Fetches and reads until the row is in a state: for ``until``."""

    def check() -> bool:
        collect()
        row.refresh_from_db()
        return bool(row.state == state)

    return check


@pytest.fixture
def acknowledged(town: Town) -> Callable[..., Transmission]:
    """``acknowledged("DEL_1")``: an act that went to the ministry and came back acknowledged."""

    def make(number: str = "DEL_2026_041") -> Transmission:
        transmission = town.confirmed(number)
        send_waiting()
        until(is_in(transmission, "acknowledged"))
        return transmission

    return make
