"""What another platform exports: read whole without effect, taken over once, whatever its kind."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest

from territoires.foundations.documents import api as documents
from territoires.foundations.journal import api as journal
from territoires.kernel.actor import Actor
from territoires.kernel.errors import Conflict, Denied, Invalid, Missing
from territoires.services.procurement import jobs
from territoires.services.procurement.actions import open_data, switching
from territoires.services.procurement.domain.addresses import address_key
from territoires.services.procurement.domain.switch_tables import model_of, read_table
from territoires.services.procurement.domain.switching import Kind
from territoires.services.procurement.models import (
    Attestation,
    FormerAccount,
    FormerAddress,
    ImportRun,
    Listing,
    OpenRecord,
    Package,
    SavedSearch,
)
from territoires.services.procurement.queries import switching as queries
from territoires.services.procurement.queries.progress import progress_of, say_progress
from tests.services.procurement.conftest import NOW, make_actor, make_body, receive, rows

from .conftest import published

SIRET, OTHER, BUYER = "73282932000074", "44306184100047", "21710438900010"
PDF = b"%PDF-1.7 attestation de vigilance"
ACCOUNT = {
    "siret": SIRET,
    "entreprise": "Charpentes Modèle",
    "courriel": "camille@modele.example",
    "prenom": "Camille",
    "nom": "Modèle",
}
ALERT = {
    "courriel": "camille@modele.example",
    "mots": "toiture",
    "cpv": "45261",
    "lieu": "frc1",
    "categorie": "Travaux",
}
ATTESTATION = {
    "siret": SIRET,
    "nature": "attestation de vigilance (cotisations sociales)",
    "fichier": "pieces/Vigilance.pdf",
    "valable_jusqu_au": "30/06/2027",
}
CONTRACT = {
    "id": "2024M0012",
    "objet": "Entretien des chaudières",
    "procedure": "Procédure adaptée",
    "cpv": "50720000-8",
    "lieu_code": "21054",
    "duree_mois": "48",
    "montant": "84 000,50",
    "date_notification": "03/06/2024",
    "titulaires": f"{SIRET}|{OTHER}",
    "siret_acheteur": BUYER,
}
PACKAGE = {
    "reference": "2021-TOIT",
    "objet": "Toiture du gymnase",
    "fichier": "2021-TOIT.zip",
    "categorie": "travaux",
    "signe_le": "14/09/2021",
    "execution_finie_le": "30/06/2022",
}
NOTICE = {
    "reference": "2026-017",
    "objet": "Voirie du lotissement des Essais",
    "plateforme": "Ancienne plateforme",
    "adresse": "https://ancienne.example/consultation/4217",
    "date_limite": "14/12/2026 12:00",
    "cpv": "45233140",
    "lieu": "FRC11",
    "categorie": "travaux",
}
REDIRECT = {"adresse": "https://www.ancienne.example/consultation/4217/?b=2&a=1", "reference": "2026-017"}


def written(*lines: dict[str, str]) -> bytes:
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, fieldnames=list(lines[0]), delimiter=";")
    table.writeheader()
    table.writerows(lines)
    return buffer.getvalue().encode()


def zipped(table: bytes, files: dict[str, bytes], name: str = "table.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, table)
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def bring(actor: Actor, kind: str, content: bytes, name: str = "table.csv") -> ImportRun:
    """Brought, and read by the job."""
    run = switching.bring_import(
        actor=actor, kind=kind, document=receive(actor, content, name).pk, platform="Ancienne plateforme"
    )
    jobs.continuity.read_import(run=str(run.pk))
    run.refresh_from_db()
    return run


def take(actor: Actor, run: ImportRun) -> ImportRun:
    switching.order_import(actor=actor, run=run)
    jobs.continuity.take_import(run=str(run.pk))
    run.refresh_from_db()
    return run


def counted(run: ImportRun) -> dict[str, int]:
    return {fate: count for fate, count in run.counts.items() if count}


def codes(run: ImportRun) -> list[tuple[int, str, str]]:
    return [
        (line.number, fault["column"], fault["code"])
        for line in queries.lines_of(run)
        for fault in line.faults
    ]


# -- tables, without a database -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_the_model_of_each_table_reads_without_fault(kind: Kind) -> None:
    headings, example = model_of(kind)
    table = read_table(kind, written(dict(zip(headings, example, strict=True))))
    assert len(table.rows) == 1 and not table.bad


def test_a_table_reads_as_csv_of_any_spreadsheet_and_as_json() -> None:
    expected = read_table(Kind.ACCOUNTS, written(ACCOUNT)).rows[0].values
    for content in (
        "\ufeff".encode() + written(ACCOUNT),
        written(ACCOUNT).decode().encode("cp1252"),
        written(ACCOUNT).replace(b";", b"\t"),
        json.dumps([ACCOUNT]).encode(),
        json.dumps([{**ACCOUNT, "siret": int(SIRET)}]).encode(),
    ):
        assert read_table(Kind.ACCOUNTS, content).rows[0].values == expected


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"siret": "73282932000075"}, "siret", "siret"),
        ({"siret": ""}, "siret", "cell-missing"),
        ({"courriel": "nulle part"}, "courriel", "email"),
        ({"courriel": "сamille@modele.example"}, "courriel", "email"),
        ({"entreprise": "=cmd|'/c calc'!A0"}, "entreprise", "cell-formula"),
        ({"nom": "x" * 121}, "nom", "cell-too-long"),
        ({"nom": "x" * 5000}, "nom", "cell-too-long"),
    ],
)
def test_each_cell_is_judged(change: dict[str, str], column: str, code: str) -> None:
    [bad] = read_table(Kind.ACCOUNTS, written({**ACCOUNT, **change})).bad
    assert [(fault.field, fault.code) for fault in bad.faults] == [(column, code)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "column-missing"),
        (b"siret;courriel\n1;2", "column-missing"),
        (written(ACCOUNT | {"autre": "x"}), "column-unknown"),
        (b"siret;siret;entreprise;courriel;prenom;nom\n", "column-double"),
        (written(ACCOUNT).splitlines()[0], "table-empty"),
        (b"[", "json-unreadable"),
        (b"[" * 100_000, "json-unreadable"),
        (b'{"siret": 1}', "json-shape"),
        (b"[1]", "json-shape"),
        (b"\x00\xff\xfe", "column-missing"),
    ],
)
def test_what_is_no_such_table_is_told_once(content: bytes, code: str) -> None:
    table = read_table(Kind.ACCOUNTS, content)
    assert not table.rows
    assert [fault.code for bad in table.bad for fault in bad.faults] == [code]


@pytest.mark.parametrize(
    ("kind", "line", "column", "code"),
    [
        (Kind.NOTICES, {**NOTICE, "date_limite": "31/02/2027 12:00"}, "date_limite", "day-unreadable"),
        (Kind.NOTICES, {**NOTICE, "date_limite": "14/12/2026"}, "date_limite", "instant-unreadable"),
        (Kind.NOTICES, {**NOTICE, "adresse": "javascript:alert(1)"}, "adresse", "address"),
        (Kind.NOTICES, {**NOTICE, "adresse": "ftp://ancienne.example/"}, "adresse", "address"),
        (Kind.NOTICES, {**NOTICE, "cpv": "4523"}, "cpv", "cpv"),
        (Kind.CONTRACTS, {**CONTRACT, "montant": "beaucoup"}, "montant", "amount"),
        (Kind.CONTRACTS, {**CONTRACT, "montant": "NaN"}, "montant", "amount"),
        (Kind.CONTRACTS, {**CONTRACT, "duree_mois": "-3"}, "duree_mois", "count"),
        (Kind.CONTRACTS, {**CONTRACT, "titulaires": f"{SIRET}|12"}, "titulaires", "siret"),
        (Kind.CONTRACTS, {**CONTRACT, "id": "trop long pour une donnée"}, "id", "identifier"),
        (Kind.ALERTS, {**ALERT, "lieu": "DE21"}, "lieu", "nuts"),
        (Kind.ALERTS, {**ALERT, "categorie": "marbre"}, "categorie", "category"),
    ],
)
def test_each_kind_judges_its_cells(kind: Kind, line: dict[str, str], column: str, code: str) -> None:
    [bad] = read_table(kind, written(line)).bad
    assert [(fault.field, fault.code) for fault in bad.faults] == [(column, code)]


def test_two_ways_of_writing_one_address_have_one_key() -> None:
    keys = {
        address_key(one)
        for one in (
            "https://www.Ancienne.example/consultation/4217/?b=2&a=1#top",
            "http://ancienne.example:80/consultation/4217?a=1&b=2",
            "ancienne.example/consultation/4217?a=1&b=2",
        )
    }
    assert keys == {"ancienne.example/consultation/4217?a=1&b=2"}
    assert address_key("ancienne.example/Consultation") != address_key("ancienne.example/consultation")
    for none in (
        "",
        "javascript:alert(1)",
        "https://",
        "//",
        "https://x\n.y",
        "a b",
        "https://[::1",
        "x" * 2000,
    ):
        assert address_key(none) == ""


# -- imports ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestAccounts:
    def test_the_dry_run_writes_nothing_and_tells_each_line(self, operator: Actor) -> None:
        faulty = {**ACCOUNT, "siret": "1"}
        second = {**ACCOUNT, "courriel": "sacha@modele.example"}
        run = bring(operator, "accounts", written(ACCOUNT, second, ACCOUNT, faulty))
        assert counted(run) == {"new": 1, "merged": 1, "known": 1, "refused": 1}
        assert [(line.number, line.fate) for line in queries.lines_of(run)] == [
            (2, "new"),
            (3, "merged"),
            (4, "known"),
            (5, "refused"),
        ]
        assert not FormerAccount.objects.exists()
        assert not rows("identity.Organisation").filter(reference=SIRET).exists()

    def test_the_same_file_twice_changes_nothing(self, operator: Actor) -> None:
        take(operator, bring(operator, "accounts", written(ACCOUNT)))
        again = bring(operator, "accounts", written(ACCOUNT))
        assert counted(again) == {"known": 1}
        with pytest.raises(Conflict):
            switching.order_import(actor=operator, run=again)
        assert FormerAccount.objects.count() == 1

    def test_a_link_opens_the_account_and_duplicates_join_one_enterprise(self, operator: Actor) -> None:
        second = {
            **ACCOUNT,
            "courriel": "sacha@modele.example",
            "prenom": "Sacha",
            "entreprise": "SARL Modele",
        }
        take(operator, bring(operator, "accounts", written(ACCOUNT, second)))
        jobs.continuity.invite_former(timestamp=0)
        enterprises = rows("identity.Organisation").filter(siret=SIRET)
        assert enterprises.count() == 1
        invited = rows("identity.Invitation").filter(organisation=enterprises.get()).order_by("created_at")
        assert {one.email: sorted(one.roles) for one in invited} == {
            "camille@modele.example": ["administrator", "representative"],
            "sacha@modele.example": ["representative"],
        }
        assert not rows("identity.Membership").filter(organisation=enterprises.get()).exists()
        assert not FormerAccount.objects.filter(invited_at=None).exists()
        jobs.continuity.invite_former(timestamp=0)
        assert invited.count() == 2, "nobody is written to twice"

    def test_who_answers_is_counted(self, operator: Actor) -> None:
        take(operator, bring(operator, "accounts", written(ACCOUNT)))
        jobs.continuity.invite_former(timestamp=0)
        rows("identity.Invitation").update(accepted_at=NOW)
        jobs.continuity.invite_former(timestamp=0)
        # Nobody waits any more: what was noted stays only when the verb succeeds, so another line wakes it.
        other = {**ACCOUNT, "siret": OTHER, "courriel": "dominique@essai.example"}
        take(operator, bring(operator, "accounts", written(other)))
        jobs.continuity.invite_former(timestamp=0)
        counts = queries.account_counts()
        assert (counts.activated, counts.invited) == (1, 1)

    def test_one_that_cannot_be_invited_leaves_the_others_alone(self, operator: Actor) -> None:
        other = {**ACCOUNT, "siret": OTHER, "courriel": "dominique@essai.example"}
        take(operator, bring(operator, "accounts", written(ACCOUNT, other)))
        rows("identity.Organisation").create(
            reference=SIRET,
            siren=SIRET[:9],
            siret=SIRET,
            name="Fermée",
            kind="enterprise",
            closed_on=date(2026, 1, 1),
        )
        jobs.continuity.invite_former(timestamp=0)
        refused = FormerAccount.objects.get(siret=SIRET)
        assert refused.refusal == "closed-establishment"
        assert FormerAccount.objects.get(siret=OTHER).invited_at is not None

    def test_only_the_operator_brings_enterprises(self, secretary: Actor) -> None:
        for kind in ("accounts", "alerts", "attestations"):
            with pytest.raises(Denied):
                bring(secretary, kind, written(ACCOUNT))


@pytest.mark.django_db
class TestAlertsAndAttestations:
    def test_an_alert_goes_on_once(self, operator: Actor) -> None:
        take(operator, bring(operator, "alerts", written(ALERT, ALERT)))
        search = SavedSearch.objects.get()
        assert search.criteria == {"q": "toiture", "cpv": "45261", "place": "FRC1", "category": "works"}
        assert search.confirmed_at is not None and search.stop_token
        assert counted(bring(operator, "alerts", written(ALERT))) == {"known": 1}

    def test_an_attestation_joins_the_safe_of_its_enterprise(self, operator: Actor) -> None:
        bundle = zipped(written(ATTESTATION), {"pieces/vigilance.pdf": PDF})
        assert codes(bring(operator, "attestations", bundle, "x.zip")) == [(2, "siret", "enterprise-unknown")]
        take(operator, bring(operator, "accounts", written(ACCOUNT)))
        assert codes(bring(operator, "attestations", bundle, "x.zip")) == [(2, "siret", "account-not-open")]
        jobs.continuity.invite_former(timestamp=0)
        take(operator, bring(operator, "attestations", bundle, "x.zip"))
        kept = Attestation.objects.get()
        assert kept.kind == "social"
        assert (kept.organisation.siret, kept.valid_until) == (SIRET, date(2027, 6, 30))
        assert b"".join(documents.open_stream(kept.document)) == PDF
        assert kept.document.organisation_id == kept.organisation_id
        assert counted(bring(operator, "attestations", bundle, "x.zip")) == {"known": 1}

    @pytest.mark.parametrize(
        ("files", "code"),
        [
            ({}, "file-absent"),
            ({"pieces/vigilance.pdf": b""}, "file-size"),
            ({"pieces/vigilance.pdf": b"MZ" + bytes(200)}, "file-format"),
        ],
    )
    def test_each_file_is_judged(self, operator: Actor, files: dict[str, bytes], code: str) -> None:
        take(operator, bring(operator, "accounts", written(ACCOUNT)))
        jobs.continuity.invite_former(timestamp=0)
        run = bring(operator, "attestations", zipped(written(ATTESTATION), files), "x.zip")
        assert codes(run) == [(2, "fichier", code)]
        other = written({**ATTESTATION, "nature": "Brevet de natation"})
        assert codes(bring(operator, "attestations", zipped(other, files), "x.zip")) == [
            (2, "nature", "attestation-kind")
        ]


@pytest.mark.django_db
class TestOfABody:
    def test_a_contract_keeps_its_id(self, secretary: Actor) -> None:
        take(secretary, bring(secretary, "contracts", written(CONTRACT)))
        record = OpenRecord.objects.get()
        assert (record.identifier, record.source) == ("2024M0012", "imported")
        said = record.content
        assert (said["id"], said["montant"], said["codeCPV"]) == ("2024M0012", 84000.5, "50720000")
        assert said["acheteur"]["id"] == BUYER
        assert [one["titulaire"]["id"] for one in said["titulaires"]] == [SIRET, OTHER]
        assert counted(bring(secretary, "contracts", written(CONTRACT))) == {"known": 1}

    def test_each_change_of_a_contract_is_told_whole_under_the_same_id(
        self, secretary: Actor, body: Any
    ) -> None:
        take(secretary, bring(secretary, "contracts", written(CONTRACT)))
        record = OpenRecord.objects.get()
        assert record.revision == 1
        for amount in (90_000.0, 95_000.0):
            changed = {**record.content, "montant": amount}
            given = {"actor": secretary, "organisation": body, "kind": record.kind, "key": record.pk}
            open_data.write_record(record=changed, **given)
        with pytest.raises(Conflict):
            open_data.write_record(record={**record.content, "id": "2024M0013"}, **given)
        record.refresh_from_db()
        assert (record.identifier, record.revision) == ("2024M0012", 3)
        assert (record.content["id"], record.content["montant"]) == ("2024M0012", 95_000.0)
        assert [one["titulaire"]["id"] for one in record.content["titulaires"]] == [SIRET, OTHER]

    def test_a_contract_of_another_body_is_refused(self, secretary: Actor) -> None:
        run = bring(secretary, "contracts", written({**CONTRACT, "siret_acheteur": SIRET}))
        assert codes(run) == [(2, "siret_acheteur", "buyer-of-another")]

    def test_the_essential_data_need_the_siret_of_the_buyer(self, secretary: Actor) -> None:
        run = bring(secretary, "contracts", written({**CONTRACT, "siret_acheteur": ""}))
        assert codes(run) == [(2, "siret_acheteur", "buyer-siret")]

    def test_an_old_file_is_kept_sealed_until_its_legal_end(self, secretary: Actor) -> None:
        content = b"PK\x03\x04 whatever it is: nobody opens it"
        take(
            secretary,
            bring(secretary, "packages", zipped(written(PACKAGE), {"2021-TOIT.zip": content}), "x.zip"),
        )
        package = Package.objects.get()
        assert (package.origin, package.keep_until) == ("former", date(2032, 6, 30))
        assert b"".join(documents.open_stream(package.document)) == content
        with pytest.raises(Conflict):
            documents.release(
                actor=secretary, document=package.document, holder=package.subject, reason="essai"
            )

    def test_an_old_file_without_any_day_is_refused(self, secretary: Actor) -> None:
        line = {**PACKAGE, "signe_le": "", "execution_finie_le": ""}
        run = bring(secretary, "packages", zipped(written(line), {"2021-TOIT.zip": b"x"}), "x.zip")
        assert codes(run) == [(2, "signe_le", "package-end")]

    def test_a_notice_of_elsewhere_appears_in_our_search(self, secretary: Actor) -> None:
        from territoires.services.procurement.domain.searching import Criteria
        from territoires.services.procurement.queries.listings import search

        take(secretary, bring(secretary, "notices", written(NOTICE)))
        [found] = search(Criteria(q="voirie", cpv="4523", place="FRC"), NOW).listings
        assert (found.url, found.source) == (NOTICE["adresse"], NOTICE["plateforme"])
        assert found.deadline_at == datetime(2026, 12, 14, 11, tzinfo=UTC)
        assert counted(bring(secretary, "notices", written(NOTICE))) == {"known": 1}
        later = bring(secretary, "notices", written({**NOTICE, "date_limite": "21/12/2026 12:00"}))
        assert counted(later) == {"changed": 1}
        take(secretary, later)
        found.refresh_from_db()
        assert (found.version, Listing.objects.count()) == (2, 1)

    def test_a_reference_of_ours_is_not_taken_for_one_of_elsewhere(self, secretary: Actor) -> None:
        one = published(secretary)
        run = bring(secretary, "notices", written({**NOTICE, "reference": one.reference}))
        assert codes(run) == [(2, "reference", "reference-ours")]

    def test_an_old_address_leads_to_a_page_of_the_body_alone(self, secretary: Actor) -> None:
        assert codes(bring(secretary, "redirects", written(REDIRECT))) == [(2, "reference", "target-unknown")]
        take(secretary, bring(secretary, "notices", written(NOTICE)))
        take(secretary, bring(secretary, "redirects", written(REDIRECT)))
        found = queries.former_address("http://ancienne.example/consultation/4217?a=1&b=2")
        assert found is not None and found.listing is not None
        assert queries.former_address("http://ancienne.example/consultation/4218") is None
        assert counted(bring(secretary, "redirects", written(REDIRECT))) == {"known": 1}
        one = published(secretary)
        moved = bring(secretary, "redirects", written({**REDIRECT, "reference": one.reference}))
        take(secretary, moved)
        former = FormerAddress.objects.get()
        assert (former.consultation_id, former.listing_id) == (one.pk, None)

    def test_an_address_of_another_body_is_not_taken_over(self, secretary: Actor) -> None:
        take(secretary, bring(secretary, "notices", written(NOTICE)))
        take(secretary, bring(secretary, "redirects", written(REDIRECT)))
        other = make_actor(make_body("Commune de Modèle", "210000009"))
        take(other, bring(other, "notices", written(NOTICE)))
        run = bring(other, "redirects", written(REDIRECT))
        assert codes(run) == [(2, "adresse", "address-of-another")]


@pytest.mark.django_db
class TestRuns:
    def test_the_way_is_in_the_journal(self, secretary: Actor) -> None:
        run = take(secretary, bring(secretary, "notices", written(NOTICE)))
        kinds = [entry.kind for entry in journal.timeline(run.pk)]
        assert kinds == [f"procurement.import.{verb}" for verb in ("brought", "checked", "ordered", "done")]

    def test_a_job_done_again_does_nothing(self, secretary: Actor) -> None:
        run = take(secretary, bring(secretary, "notices", written(NOTICE)))
        jobs.continuity.take_import(run=str(run.pk))
        jobs.continuity.read_import(run=str(run.pk))
        assert Listing.objects.count() == 1

    def test_a_failure_in_the_middle_leaves_none(
        self, secretary: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = bring(secretary, "notices", written(NOTICE, {**NOTICE, "reference": "2026-018"}))
        switching.order_import(actor=secretary, run=run)
        with monkeypatch.context() as broken:
            broken.setattr(Listing, "save", _lost)
            with pytest.raises(OSError, match="disk"):
                jobs.continuity.take_import(run=str(run.pk))
        assert not Listing.objects.exists()
        jobs.continuity.take_import(run=str(run.pk))
        assert Listing.objects.count() == 2

    def test_what_became_faulty_since_is_left_out(self, secretary: Actor) -> None:
        one = published(secretary)
        run = bring(secretary, "notices", written(NOTICE, {**NOTICE, "reference": "2026-090"}))
        switching.order_import(actor=secretary, run=run)
        type(one).objects.filter(pk=one.pk).update(reference="2026-090")
        jobs.continuity.take_import(run=str(run.pk))
        run.refresh_from_db()
        assert counted(run) == {"new": 1, "refused": 1}
        assert Listing.objects.filter(consultation=None).count() == 1

    @pytest.mark.parametrize(
        ("content", "name", "code"),
        [
            (zipped(written(NOTICE), {"../../etc/passwd": b"x"}), "x.zip", "archive-name"),
            (zipped(written(NOTICE), {"bombe.bin": bytes(40 * 1024 * 1024)}), "x.zip", "archive-bomb"),
            (zipped(written(NOTICE), {"autre.csv": b"x"}), "x.zip", "tables-in-archive"),
            (b"%PDF-1.7 un document", "x.csv", "import-format"),
        ],
    )
    def test_what_cannot_be_read_at_all_is_told(
        self, secretary: Actor, content: bytes, name: str, code: str
    ) -> None:
        [(_line, _column, found)] = codes(bring(secretary, "notices", content, name))
        assert found == code

    def test_ten_thousand_lines_are_read_by_the_job_which_says_how_far_it_is(
        self, operator: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[tuple[int, int]] = []
        monkeypatch.setattr(queries, "say_progress", lambda _run, done, of: said.append((done, of)))
        monkeypatch.setattr(switching, "say_progress", lambda _run, done, of: said.append((done, of)))
        lines = [{**ACCOUNT, "courriel": f"n{number}@modele.example"} for number in range(10_000)]
        content = written(*lines)
        brought = switching.bring_import(
            actor=operator, kind="accounts", document=receive(operator, content, "x.csv").pk
        )
        assert not queries.lines_of(brought).exists(), "nothing is read in the request"
        jobs.continuity.read_import(run=str(brought.pk))
        brought.refresh_from_db()
        assert counted(brought) == {"new": 1, "merged": 9_999}
        assert said == [(done, 10_000) for done in range(0, 10_000, queries.SAID_EVERY)]
        said.clear()
        take(operator, brought)
        assert FormerAccount.objects.count() == 10_000
        assert said[-1] == (10_000 - queries.SAID_EVERY, 10_000)

    def test_how_far_a_job_is_can_be_asked(self, secretary: Actor) -> None:
        one = bring(secretary, "notices", written(NOTICE))
        other = bring(secretary, "notices", written(NOTICE))
        say_progress(one, 200, 1000)
        assert (progress_of(one), progress_of(other)) == ((200, 1000), (0, 1))

    def test_an_unknown_kind_is_refused(self, secretary: Actor) -> None:
        with pytest.raises(Invalid):
            bring(secretary, "everything", written(NOTICE))

    def test_only_those_who_may(self, body: Any, secretary: Actor) -> None:
        observer = make_actor(body, "observer")
        with pytest.raises(Denied):
            bring(observer, "notices", written(NOTICE))
        run = bring(secretary, "notices", written(NOTICE))
        stranger = make_actor(make_body("Commune de Modèle", "210000009"))
        for actor in (observer, stranger):
            with pytest.raises(Denied):
                switching.order_import(actor=actor, run=run)
            assert queries.runs_of(actor) == []
            with pytest.raises(Missing):
                queries.run_of(actor, run.pk)
        with pytest.raises(Denied):
            switching.take_over(actor=secretary, run=run, found=queries.Examination(), taken=[])
        with pytest.raises(Denied):
            switching.invite_former(actor=secretary)


def _lost(*_given: Any, **_more: Any) -> None:
    raise OSError("the disk is gone")
