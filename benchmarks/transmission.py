"""Acts through signature, envelope and acknowledgement, and acknowledgements in a batch, with few and with 100,000 acts
stored; PAdES beside stock pyHanko in the same run.

Three ways. *The road alone*: two processes of one body each sign, prepare, confirm, make and post the envelope, and absorb
the answer, with every fact, numbered and followed; the State is a function that takes all at once. *All parts*: as
``make run`` starts them: worker, sequencer, followers, and the simulated ministry with its HTTPS door and its mailbox, which
takes processor of the same machine; the gestures of people are made in two processes, as web has two. *A batch*:
answers that wait, kept already as they came, each a mail with its envelope, read by the one worker that reads a channel
(in the order in which they came, so never by two).

Counted: from the first signature to the last acknowledgement. Not counted: pages, and the wait for the minute in which
the mailbox is read, which is asked for each second instead. The processor time is that of the platform with its database,
less what they take at rest; the ministry's own is told apart.

Beside them, in the same run: what pyHanko signs with its key kept open, the signature being the first of ten steps; and
the same answers read by lxml and kept one by one by a loop that checks nothing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from benchmarks.database import ROOT, fresh_database
from benchmarks.report import Row, report

ACTS = int(os.environ.get("BENCH_ACTS", "300"))
STORED = int(os.environ.get("BENCH_STORED", "100000"))
ANSWERS = int(os.environ.get("BENCH_ANSWERS", "10000"))
RATE = 20.0
A_MINUTE = 60.0
REST = 15.0
FLAT = 1.25
CORES = 2
SIRENS = ("212100077", "212100085")
"""Of two bodies; all parts are measured with the first one."""
CHANNEL = "actes-ministry"
DECIDED_ON = date(2026, 11, 12)
LONGEST = 1800.0
BOOK = ("sequencer", "followers")
PARTS = ("worker", *BOOK, "simulators")
PART = (
    "import sys, django; django.setup();"
    "from territoires.config.parts import all_parts;"
    "next(part for part in all_parts() if part.name == sys.argv[1]).work()"
)
NAMESPACES = (
    'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" xmlns:insee="http://xml.insee.fr/schema"'
)


def acknowledgement(identifier: str, number: str) -> bytes:
    """Message 1-2 as the ministry writes it."""
    return (
        f'<?xml version="1.0" encoding="ISO-8859-1"?><actes:ARActe {NAMESPACES}'
        f' actes:IDActe="{identifier}" actes:DateReception="2026-11-24">'
        f'<actes:ActeRecu actes:Date="2026-11-12" actes:NumeroInterne="{number}" actes:CodeNatureActe="2">'
        '<actes:CodeMatiere1 actes:CodeMatiere="7"/><actes:CodeMatiere2 actes:CodeMatiere="5"/>'
        "<actes:Objet>Objet</actes:Objet>"
        "<actes:ClassificationDateVersion>2017-12-08</actes:ClassificationDateVersion>"
        f"<actes:Document><actes:NomFichier>99_AR-{identifier}-1-1_1.pdf</actes:NomFichier></actes:Document>"
        '<actes:Annexes actes:Nombre="0"/><actes:DocumentPapier>N</actes:DocumentPapier></actes:ActeRecu>'
        "<actes:ClassificationDateVersionEnCours>2017-12-08</actes:ClassificationDateVersionEnCours>"
        "</actes:ARActe>"
    ).encode("iso-8859-1")


def envelope(message: str, siren: str) -> bytes:
    """The ministry's envelope around one message."""
    return (
        f'<?xml version="1.0" encoding="ISO-8859-1"?><actes:EnveloppeMISILLCL {NAMESPACES}>'
        '<actes:Emetteur><actes:IDPref actes:Departement="021"/></actes:Emetteur><actes:FormulairesEnvoyes>'
        f"<actes:Formulaire><actes:NomFichier>{message}</actes:NomFichier></actes:Formulaire>"
        f'</actes:FormulairesEnvoyes><actes:Destinataire insee:SIREN="{siren}"/></actes:EnveloppeMISILLCL>'
    ).encode("iso-8859-1")


@dataclass
class Bench:
    """A body that may send, its mayor with a certificate and a key, and a PDF of 200 kB for each act."""

    body: Any
    clerk: Any
    document: Any
    key: Any
    serial: int = 0

    def awaiting(self, count: int) -> list[Any]:
        """Acts of which the mayor's signature is asked, written straight into the tables."""
        from territoires.services.legality.domain.signature import AUTHOR, name_key
        from territoires.services.legality.models import Act, Signatory

        acts = [self._act(state="signing", signed_on=None, unsigned=self.document) for _ in range(count)]
        Act.objects.bulk_create(acts, batch_size=2000)
        names = {"given_names": "Claire", "usual_name": "Exemple", "quality": "Maire"}
        key = name_key("Claire", "Exemple")
        Signatory.objects.bulk_create(
            [
                Signatory(
                    act=act, position=1, capacity=AUTHOR, name_key=key, asked_id=self.clerk.person, **names
                )
                for act in acts
            ]
        )
        return acts

    def signed(self, count: int) -> list[Any]:
        """Acts that only wait to be sent, written straight into the table."""
        from territoires.services.legality.models import Act

        acts = [self._act() for _ in range(count)]
        Act.objects.bulk_create(acts, batch_size=2000)
        return acts

    def sent(self, count: int, state: str) -> list[Any]:
        """Acts that left before, with their transmission, envelope and parcel."""
        from territoires.foundations.exchange.models import Parcel
        from territoires.kernel.ids import new_id
        from territoires.services.legality.models import Convention, Envelope, Route, Transmission

        convention = Convention.objects.get(organisation=self.body)
        route, now = Route.objects.get(organisation=self.body), datetime.now(UTC)
        acts = self.signed(count)
        answered = {"received_on": now.date(), "acknowledgement": self.document}
        transmissions = [
            Transmission(
                act=act,
                organisation=self.body,
                rank=1,
                channel=route.channel,
                state=state,
                identifier=f"021-{self.body.siren}-20261112-{act.number}-AR",
                classification_on=date(2017, 12, 8),
                prepared_at=now,
                confirmed_at=now,
                confirmed_by=self.clerk.person,
                certificate="0" * 64,
                sent_at=now,
                **(answered if state == "acknowledged" else {}),
            )
            for act in acts
        ]
        Transmission.objects.bulk_create(transmissions, batch_size=2000)
        envelopes = [
            Envelope(
                id=new_id(),
                organisation=self.body,
                kind="1-1",
                transmission=one,
                convention=convention,
                route=route,
                name=f"TACT--{self.body.siren}--20260101-{int(one.act.number[1:])}.xml",
                made_at=now,
                archive=self.document,
            )
            for one in transmissions
        ]
        Envelope.objects.bulk_create(envelopes, batch_size=2000)
        Parcel.objects.bulk_create(
            [
                Parcel(
                    channel=route.channel,
                    organisation_id=self.body.pk,
                    key=one.archive_name,
                    document=self.document,
                    subject_type="legality.envelope",
                    subject_id=one.pk,
                    state="sent",
                    attempts=1,
                    ready_at=now,
                    settled_at=now,
                )
                for one in envelopes
            ],
            batch_size=2000,
        )
        return transmissions

    def _act(self, **options: Any) -> Any:
        from territoires.services.legality.models import Act

        self.serial += 1
        now = datetime.now(UTC)
        number = f"D{self.serial:08}"
        plain = {
            "organisation": self.body,
            "state": "signed",
            "number": number,
            "nature": "2",
            "matter_code": "6.1",
            "object": "Circulation rue de l'Exemple",
            "words_folded": f"{number.lower()} circulation rue de l'exemple",
            "decided_on": DECIDED_ON,
            "signed_on": DECIDED_ON,
            "given_names": "Claire",
            "usual_name": "Exemple",
            "quality": "Maire",
            "main": self.document,
            "main_sha256": self.document.sha256,
            "main_type": "99_AR",
            "drafted_at": now,
            "changed_at": now,
        }
        return Act(**plain | options)


def set_up(siren: str = SIRENS[0]) -> Bench:
    """A body, its agreement and channel, a person with an enrolled certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
    from django.apps import apps

    from territoires.foundations.actions.api import permissions_of
    from territoires.foundations.documents import api as documents
    from territoires.foundations.identity import api as identity
    from territoires.foundations.trust import api as trust
    from territoires.kernel.actor import Actor, Assurance, Grant
    from territoires.services.legality.actions import configuring

    body = apps.get_model("identity.Organisation")._default_manager.create(
        reference=siren, siren=siren, name="Commune d'Exemple", kind="commune"
    )
    person = apps.get_model("identity.Person")._default_manager.create(
        given_names="Claire", usual_name="Exemple"
    )
    file, password = trust.issue_demonstration_certificate(
        given_names="Claire",
        usual_name="Exemple",
        organisation_name=body.name,
        siren=siren,
        usage="transmitter",
    )
    der = pkcs12.load_pkcs12(file, password.encode()).cert.certificate.public_bytes(Encoding.DER)  # type: ignore[union-attr]
    present = Assurance(2, ("password", "mfa"), datetime.now(UTC), trust.read_certificate(der).fingerprint)

    def acting(role: str, **options: Any) -> Actor:
        grants = {one: Grant(one, "role", role) for one in permissions_of(role)}
        services = frozenset({"legality"})
        return Actor(
            person=person.pk,
            organisation=body.pk,
            grants=grants,
            services=services,
            assurance=present,
            **options,
        )

    clerk, operator = acting("executive"), acting("operator", is_operator=True)
    identity.enrol_certificate(actor=clerk, person=person, der=der)
    agreement = configuring.Agreement(
        office="Préfecture d'essai",
        department="021",
        arrondissement="3",
        nature="31",
        signed_on=date(2026, 1, 5),
        from_on=date(2026, 1, 5),
    )
    configuring.record_convention(actor=operator, organisation=body, agreement=agreement)
    way = configuring.Way(
        channel="actes-ministry",
        from_at=datetime(2026, 1, 5, tzinfo=UTC),
        transmitter="TER",
        return_address="actes@plateforme.test",
    )
    configuring.record_route(actor=operator, organisation=body, way=way)
    file, password = trust.issue_demonstration_certificate(
        given_names="Claire", usual_name="Exemple", organisation_name=body.name, siren=siren
    )
    document = _make_document(documents, body, clerk)
    return Bench(body, clerk, document, trust.open_key_file(file, password))


def _make_document(documents: Any, body: Any, clerk: Any) -> Any:
    from benchmarks.signatures import make_act
    from territoires.kernel.fact import Subject
    from territoires.kernel.ids import new_id

    with tempfile.TemporaryDirectory() as folder:
        content = make_act(Path(folder)).read_bytes()
    document = documents.receive([content], name="acte.pdf", organisation=body.pk, actor=clerk, limit=10**6)
    documents.attach(document, holder=Subject("bench.act", new_id()))
    return document


@contextlib.contextmanager
def platform(environment: dict[str, str], names: Sequence[str] = PARTS) -> Iterator[dict[str, int]]:
    """The parts, each in a process; gives their ids by name, and the database server's."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    command = [sys.executable, "-c", PART]
    parts = {name: subprocess.Popen([*command, name], env=environment, cwd=ROOT) for name in names}
    try:
        yield {"database": _stat(backend)[0], **{name: part.pid for name, part in parts.items()}}
    finally:
        for part in parts.values():
            part.terminate()
        for part in parts.values():
            part.wait(timeout=30)


def _stat(pid: int) -> tuple[int, float]:
    """A process's parent, and the seconds of processor that it and its ended children took (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def processor(roots: list[int]) -> float:
    """Seconds of processor of processes and all that they started."""
    found: dict[int, tuple[int, float]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                found[int(folder.name)] = _stat(int(folder.name))
    total, level = 0.0, set(roots)
    while level:
        total += sum(found[pid][1] for pid in level if pid in found)
        level = {pid for pid, (parent, _seconds) in found.items() if parent in level}
    return total


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds by the clock; seconds of processor of the platform and of the ministry."""

    seconds: float
    platform: float
    ministry: float

    def above(self, rest: float) -> Run:
        """The same, less what the platform takes at rest, in seconds of processor a second."""
        return replace(self, platform=self.platform - rest * self.seconds)


class Meter:
    """Reads the clock and the processor; signers that have ended are this process's children."""

    def __init__(self, parts: dict[str, int]) -> None:
        self.ministry = [pid for name, pid in parts.items() if name == "simulators"]
        self.platform = [pid for name, pid in parts.items() if name != "simulators"]
        self.begin = self._now()

    def _now(self) -> tuple[float, float, float]:
        ended = os.times()
        ours = processor(self.platform) + ended.children_user + ended.children_system
        return time.perf_counter(), ours, processor(self.ministry)

    def read(self) -> Run:
        return Run(*(now - before for now, before in zip(self._now(), self.begin, strict=True)))

    def at_rest(self) -> float:
        """Seconds of processor that the platform takes in a second when nothing is asked of it."""
        time.sleep(REST)
        run = self.read()
        return run.platform / run.seconds


def in_processes(work: Callable[..., None], shares: Sequence[tuple[Any, ...]]) -> None:
    """Does each share of the work in a process of its own, all at once."""
    from django.db import connections

    connections.close_all()  # each process has its own
    workers = [multiprocessing.get_context("fork").Process(target=work, args=share) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit(f"{work.__name__} failed")


def through(
    benches: Sequence[Bench], parts: dict[str, int], work: Callable[..., None], count: int = ACTS
) -> Run:
    """That many acts, from the signature to the acknowledgement; ``work`` is done in two processes, each on its share."""
    from territoires.services.legality.models import Transmission

    shares = [(bench, bench.awaiting(count // CORES)) for bench in (*benches, *benches)[:CORES]]
    meter = Meter(parts)
    in_processes(work, shares)
    done = Transmission.objects.filter(
        act__in=[act for _, acts in shares for act in acts], state="acknowledged"
    )
    _until(lambda: done.count() == count // CORES * CORES, f"{count} acts acknowledged")
    return meter.read()


def the_road_alone(bench: Bench, acts: list[Any]) -> None:
    """All of it in one process, but for the book; the State takes everything at once and answers everything."""
    from territoires.foundations.exchange import arrivals, channels, parcels
    from territoires.services.legality import jobs
    from territoires.services.legality.models import Transmission
    from territoires.services.legality.queries.envelopes import envelopes_to_make

    state = replace(channels.channel_of(CHANNEL), deliver=lambda outgoing: channels.Accepted("HTTP 200"))
    sign_and_send(bench, acts)
    for one in envelopes_to_make(bench.body.pk):
        jobs.make(one)
    parcels.deliver_due(state)
    sent = Transmission.objects.filter(act__in=acts, state="sent")
    while sent.count() < len(acts):  # the book is followed in another process
        parcels.deliver_due(state)
        time.sleep(0.05)
    for one in sent.select_related("act"):
        answer(bench, one.identifier, one.act.number, 1)
    arrivals.absorb_waiting(state)


def sign_and_send(bench: Bench, acts: list[Any]) -> None:
    """What the mayor does, act by act."""
    from territoires.services.legality.actions import electronic, transmitting

    for act in acts:
        present = replace(bench.clerk.assurance, proved_at=datetime.now(UTC))
        mayor = replace(bench.clerk, assurance=present)
        electronic.sign_act(actor=mayor, act=act, key=bench.key)
        transmitting.prepare_transmission(actor=mayor, act=act)
        transmitting.confirm_transmission(actor=mayor, act=act)


def _until(is_so: Any, what: str) -> None:
    """Waits, and asks the worker, if there is one, each second for what it does each minute."""
    from territoires.foundations.exchange.waking import COLLECT, wake

    end = time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"not in {LONGEST:.0f} s: {what}")
        wake(COLLECT, CHANNEL)
        time.sleep(0.25)


def answer(bench: Bench, identifier: str, number: str, rank: int) -> None:
    """A mail of the ministry, kept as it comes: its envelope and the acknowledgement."""
    from territoires.foundations.exchange.arrivals import receive_together

    message = f"{identifier}-1-2_{rank}.xml"
    files = {
        f"TACT--PREF021-{bench.body.siren}-20261124-{rank}.xml": envelope(message, bench.body.siren),
        message: acknowledgement(identifier, number),
    }
    receive_together(channel=CHANNEL, origin=f"mail {identifier}", files=files.items())


def keep_answers(bench: Bench, count: int) -> None:
    """Acts that were sent, and a mail about each that is kept and not read yet."""
    for rank, one in enumerate(bench.sent(count, "sent")):
        answer(bench, one.identifier, one.act.number, 10**6 + rank)


def absorb_all() -> None:
    """What the one worker of a channel does."""
    from territoires.foundations.exchange.arrivals import absorb_waiting
    from territoires.foundations.exchange.channels import channel_of

    absorb_waiting(channel_of(CHANNEL))


def absorbing(parts: dict[str, int]) -> Run:
    """The answers that wait, absorbed in one process while the book is written and followed in others."""
    from territoires.services.legality.models import Transmission

    _settle()
    meter = Meter(parts)
    in_processes(absorb_all, [()])
    run = meter.read()
    if Transmission.objects.filter(state="sent").exists():
        raise SystemExit("an answer was not absorbed")
    return run


def _settle() -> None:
    """Statistics as a running database has them, and a book in which all is numbered and followed."""
    from django.db import connection

    def is_done() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT size = (SELECT count(*) FROM journal_entry)"
                " AND size = ALL (SELECT position FROM journal_cursor) FROM journal_state"
            )
            return bool(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _until(is_done, "the book is written")


def measure(environment: dict[str, str], folder: Path) -> list[Row]:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from benchmarks import signatures

    act = signatures.make_act(folder)
    benches = [set_up(siren) for siren in SIRENS]
    half = STORED // CORES
    with platform(environment) as parts:
        _until(
            settings.ACTES_CONNECTION.exists, "the ministry answers"
        )  # and says how it is reached, from here on
        through(benches[:1], parts, sign_and_send, 20)  # warm
        rest = Meter(parts).at_rest()
        whole = through(benches[:1], parts, sign_and_send).above(rest)
    with platform(environment, BOOK) as parts:
        through(benches, parts, the_road_alone, 20)
        rest = Meter(parts).at_rest()
        few = through(benches, parts, the_road_alone).above(rest)
    in_processes(Bench.sent, [(bench, half, "acknowledged") for bench in benches])
    for bench in benches:
        bench.serial += half  # as its process did
    with platform(environment, BOOK) as parts:
        _settle()
        rest = Meter(parts).at_rest()
        many = through(benches, parts, the_road_alone).above(rest)
        in_processes(keep_answers, [(bench, ANSWERS // CORES) for bench in benches])
        batch = absorbing(parts).above(rest)
    turns = signatures.turns_of(rsa.generate_private_key(65537, 3072), act, folder)
    peers = Peers(signed=CORES * statistics.median(turn[2] for turn in turns), read=bare_answers())
    connection.close()
    return [*rows_of(few, many, whole, batch, peers), *signatures.rows_of("RSA-3072", turns)]


@dataclass(frozen=True, slots=True)
class Peers:
    """Acts a second that pyHanko signs on all cores; seconds of a loop that reads and keeps all answers."""

    signed: float
    read: float


def bare_answers() -> float:
    """Seconds to read as many acknowledgements and their envelopes, and to keep a row of each in a transaction."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_answers (identifier text PRIMARY KEY, received_on text)")
        begin = time.perf_counter()
        for number in range(ANSWERS):
            identifier = f"021-{SIRENS[0]}-20261112-B{number}-AR"
            etree.fromstring(envelope(f"{identifier}-1-2_1.xml", SIRENS[0]))
            values = dict(etree.fromstring(acknowledgement(identifier, f"B{number}")).items())
            cursor.execute("INSERT INTO bench_answers VALUES (%s, %s)", list(values.values()))
        return time.perf_counter() - begin


def rows_of(few: Run, many: Run, whole: Run, batch: Run, peers: Peers) -> list[Row]:
    ministry = f"the ministry's {1000 * whole.ministry / ACTS:.0f} ms apart"
    grown = many.platform / few.platform
    each = 1000 * batch.platform / ANSWERS
    return [
        *_rows_of_acts(
            few,
            f"{ACTS} acts of 200 kB through signature, envelope and acknowledgement, with all facts",
            peers.signed,
        ),
        Row(
            f"processor for one of them with {STORED:,} acts sent before",
            f"{1000 * many.platform / ACTS:.0f} ms",
            f"{1000 * few.platform / ACTS:.0f} ms",
            f"{grown:.2f}",
            f"< {FLAT}",
            "ok" if grown < FLAT else "short",
        ),
        *_rows_of_acts(
            whole,
            f"the same by all parts, {ACTS} of one body, HTTPS and mail of the ministry ({ministry})",
            peers.signed,
        ),
        Row(
            f"{ANSWERS:,} acknowledgements absorbed in one process, each with its envelope ({each:.1f} ms of processor"
            " each, with database and book)",
            f"{batch.seconds:.1f} s",
            f"{peers.read:.1f} s (read and kept one by one, nothing checked)",
            f"{batch.seconds / peers.read:.1f}",
            f"< {A_MINUTE:.0f} s",
            "ok" if batch.seconds < A_MINUTE else "short",
        ),
    ]


def _rows_of_acts(run: Run, what: str, signed: float) -> list[Row]:
    rate, cost = ACTS / run.seconds, 1000 * run.platform / ACTS
    return [
        Row(
            what,
            f"{rate:.1f}/s",
            f"{signed:.0f}/s (pyHanko with its key kept open, the signature alone, {CORES} cores)",
            f"{rate / signed:.2f}",
            f">= {RATE:.0f}/s",
            "ok" if rate >= RATE else "short",
        ),
        Row(
            "processor for one of them, database included",
            f"{cost:.0f} ms",
            f"{CORES} cores",
            f"{cost * RATE / 1000 / CORES:.2f}",
            f"<= {1000 * CORES / RATE:.0f} ms",
            "ok" if cost <= 1000 * CORES / RATE else "short",
        ),
    ]


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-transmission-") as folder,
        fresh_database(Path(folder) / "postgres") as url,
        mock.patch.dict(os.environ, DATABASE_URL=url, TERRITOIRES_VAR=folder),
    ):
        rows = measure(dict(os.environ), Path(folder))
    return report("transmission", rows)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "territoires.config.settings")
    sys.exit(main())
