"""The pages of continuity, as their readers use them."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from territoires.foundations.registry.api import sentence
from territoires.kernel.clock import PARIS
from territoires.services.procurement import jobs
from territoires.services.procurement.models import Consultation, ImportRun, Incident, Package
from territoires.services.procurement.queries import packages as package_queries
from tests.services.procurement.conftest import make_actor, make_body, make_person, rows

from .conftest import make_operator, published
from .test_packages import ended, packed
from .test_switching import ACCOUNT, NOTICE, REDIRECT, bring, take, written

pytestmark = pytest.mark.django_db


def signed_in(body: Any, role: str) -> Client:
    """A browser in which somebody of the body, in a role, is signed in."""
    person = make_person(body, role.capitalize())
    membership = rows("identity.Membership").get(person=person)
    rows("identity.RoleAssignment").create(membership=membership, role=role, since_on=membership.since_on)
    account = rows("identity.Account").create_user(f"{role}@{body.siren}.example", person=person)
    for service in ("procurement", "portal"):
        rows("identity.ServiceActivation").get_or_create(
            organisation=body,
            service=service,
            until_at=None,
            defaults={"since_at": datetime.now(UTC) - timedelta(days=30)},
        )
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def clerk(body: Any) -> Client:
    return signed_in(body, "secretary")


def at(body: Any, name: str, **place: Any) -> str:
    return reverse(f"procurement_desk:{name}", kwargs={"organisation": body.reference, **place})


def soon(secretary: Any) -> Consultation:
    return published(secretary, datetime.now(UTC) + timedelta(hours=3))


class TestInterruptions:
    def told(self, operator: Client, body: Any) -> Incident:
        since = datetime.now(PARIS) - timedelta(hours=1)
        until = since + timedelta(minutes=20)
        answer = operator.post(
            at(body, "declare-incident"),
            {
                "from_on": f"{since:%d/%m/%Y}",
                "from_hour": f"{since:%H:%M}",
                "until_on": f"{until:%d/%m/%Y}",
                "until_hour": f"{until:%H:%M}",
                "what": "Le dépôt des plis ne répondait plus.",
                "parts": ["storage"],
            },
        )
        assert answer.status_code == 302
        return Incident.objects.get()

    def test_from_the_operator_to_the_new_deadline(self, body: Any, secretary: Any, clerk: Client) -> None:
        one = soon(secretary)
        platform = make_operator()
        operator = signed_in(platform, "operator")
        incident = self.told(operator, platform)
        seen = operator.get(at(platform, "incident", incident=incident.pk)).content.decode()
        assert one.reference in seen and at(platform, "extend-all", incident=incident.pk) not in seen
        assert one.reference in clerk.get(at(body, "incident", incident=incident.pk)).content.decode()
        before = one.tenders_until
        answer = clerk.post(at(body, "extend-all", incident=incident.pk), {"_key": "once"}, follow=True)
        assert answer.status_code == 200
        one.refresh_from_db()
        assert before is not None and one.tenders_until is not None and one.tenders_until > before
        assert clerk.post(at(body, "extend-all", incident=incident.pk), {"_key": "twice"}).status_code == 302
        assert one.amendments.count() == 1

    def test_one_click_or_another_date(self, body: Any, secretary: Any, clerk: Client) -> None:
        one = soon(secretary)
        platform = make_operator()
        incident = self.told(signed_in(platform, "operator"), platform)
        place = {"incident": incident.pk, "touched": incident.touched.get().pk}
        assert clerk.get(at(body, "extend", **place)).status_code == 200
        assert clerk.get(at(body, "leave-deadline", **place)).status_code == 200
        wrong = {"until_on": "01/01/2020", "until_hour": "12:00", "reason": ""}
        refused = clerk.post(at(body, "extend", **place), wrong)
        assert refused.status_code == 422 and "01/01/2020" in refused.content.decode()
        assert clerk.post(at(body, "leave-deadline", **place), {"reason": ""}).status_code == 422
        assert clerk.post(at(body, "extend", **place), {"_key": "k"}).status_code == 302
        one.refresh_from_db()
        assert one.amendments.count() == 1

    def test_a_faulty_form_keeps_what_was_typed(self) -> None:
        platform = make_operator()
        operator = signed_in(platform, "operator")
        typed = {"from_on": "32/13/2026", "from_hour": "25:00", "what": "Panne d'essai", "parts": ["web"]}
        answer = operator.post(at(platform, "declare-incident"), typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "32/13/2026" in page and "25:00" in page and "Panne d&#x27;essai" in page
        future = {"from_on": "01/01/2090", "from_hour": "12:00", "what": "Panne d'essai"}
        assert operator.post(at(platform, "declare-incident"), future).status_code == 422

    def test_the_operator_corrects_it(self, body: Any, secretary: Any) -> None:
        platform = make_operator()
        operator = signed_in(platform, "operator")
        incident = self.told(operator, platform)
        assert operator.get(at(platform, "revise-incident", incident=incident.pk)).status_code == 200
        since = incident.from_at.astimezone(PARIS)
        again = {
            "from_on": f"{since:%d/%m/%Y}",
            "from_hour": f"{since:%H:%M}",
            "what": "Le dépôt était lent.",
        }
        answer = operator.post(
            at(platform, "revise-incident", incident=incident.pk), {**again, "version": "1"}
        )
        assert answer.status_code == 302
        stale = operator.post(
            at(platform, "revise-incident", incident=incident.pk), {**again, "version": "1"}
        )
        assert stale.status_code == 422

    def test_a_body_that_it_does_not_touch_finds_nothing(self, body: Any, secretary: Any) -> None:
        soon(secretary)
        platform = make_operator()
        incident = self.told(signed_in(platform, "operator"), platform)
        other = make_body("Commune de Modèle", "210000009")
        stranger = signed_in(other, "secretary")
        assert stranger.get(at(other, "incident", incident=incident.pk)).status_code == 404
        assert stranger.post(at(other, "extend-all", incident=incident.pk)).status_code == 404
        assert stranger.post(at(other, "declare-incident"), {}).status_code == 403


class TestSwitch:
    def test_a_table_is_read_then_ordered(self, body: Any, clerk: Client) -> None:
        table = SimpleUploadedFile("avis.csv", written(NOTICE, {**NOTICE, "reference": "", "objet": "Sans"}))
        answer = clerk.post(at(body, "imports"), {"kind": "notices", "table": table, "platform": "Ancienne"})
        run = ImportRun.objects.get()
        assert answer["Location"] == at(body, "import", run=run.pk)
        moving = clerk.get(at(body, "import", run=run.pk)).content.decode()
        assert "hx-get" in moving
        jobs.continuity.read_import(run=str(run.pk))
        page = clerk.get(at(body, "import", run=run.pk), {"fate": "refused"}).content.decode()
        assert "reference" in page and "Voirie" not in page
        report = clerk.get(at(body, "import-report", run=run.pk))
        lines = list(csv.reader(io.StringIO(b"".join(report).decode("utf-8-sig")), delimiter=";"))
        assert [line[0] for line in lines] == ["ligne", "2", "3"]
        clerk.post(at(body, "order-import", run=run.pk), {"_key": "once"})
        jobs.continuity.take_import(run=str(run.pk))
        run.refresh_from_db()
        assert run.state == "done"
        assert clerk.get(at(body, "imports")).status_code == 200

    def test_a_form_without_file_says_so(self, body: Any, clerk: Client) -> None:
        assert clerk.post(at(body, "imports"), {"kind": "notices"}).status_code == 422
        assert clerk.post(at(body, "imports"), {"kind": "accounts"}).status_code == 422

    def test_every_model_is_there(self, body: Any, clerk: Client) -> None:
        for kind in ("accounts", "notices", "redirects", "packages", "contracts"):
            assert clerk.get(at(body, "import-model", kind=kind)).content.startswith("\ufeff".encode())
        assert clerk.get(at(body, "import-model", kind="others")).status_code == 404

    def test_formulas_are_written_out_as_text(self, body: Any, secretary: Any, clerk: Client) -> None:
        run = bring(secretary, "notices", written({**NOTICE, "objet": "=1+1"}))
        run.lines.update(what="=1+1")
        assert b"'=1+1" in b"".join(clerk.get(at(body, "import-report", run=run.pk)))

    def test_the_operator_sees_the_accounts(self, operator: Any) -> None:
        platform = rows("identity.Organisation").get(pk=operator.organisation)
        browser = signed_in(platform, "operator")
        take(operator, bring(operator, "accounts", written(ACCOUNT)))
        assert b"figures" in browser.get(at(platform, "imports")).content


class TestFormerAddresses:
    @pytest.fixture(autouse=True)
    def _switched(self, secretary: Any) -> None:
        take(secretary, bring(secretary, "notices", written(NOTICE)))
        take(secretary, bring(secretary, "redirects", written(REDIRECT)))

    def test_it_leads_to_a_page_of_ours(self, client: Client) -> None:
        asked = client.get(
            reverse("procurement:former-address"), {"adresse": "ancienne.example/consultation/4217?a=1&b=2"}
        )
        assert asked.status_code == 301 and asked["Location"].startswith("/marches/ailleurs/")
        page = client.get(asked["Location"]).content.decode()
        assert NOTICE["adresse"] in page and NOTICE["objet"] in page

    def test_a_proxy_hands_the_address_over(self, client: Client) -> None:
        address = reverse("procurement:former-address") + "ancienne.example/consultation/4217?b=2&a=1"
        assert client.get(address)["Location"].startswith("/marches/ailleurs/")

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/",
            "//evil.example/consultation/4217",
            "javascript:alert(1)",
            "https://ancienne.example@evil.example/consultation/4217?a=1&b=2",
            "ancienne.example.evil.example/consultation/4217?a=1&b=2",
            "\\\\evil.example",
            "%0d%0aLocation:%20https://evil.example",
        ],
    )
    def test_it_never_leads_elsewhere(self, client: Client, address: str) -> None:
        base = reverse("procurement:former-address")
        for answer in (client.get(base, {"adresse": address}), client.get(base + address)):
            assert answer.status_code in (404, 422)
            assert "Location" not in answer

    def test_the_search_finds_it_with_its_link(self, client: Client) -> None:
        page = client.get(reverse("procurement:search"), {"q": "voirie"}).content.decode()
        assert NOTICE["objet"] in page and NOTICE["adresse"] in page


class TestKeptFiles:
    def test_from_the_consultation_to_the_package_and_back(
        self, body: Any, secretary: Any, clerk: Client
    ) -> None:
        one = ended(secretary)
        place = {"consultation": one.pk}
        assert clerk.get(at(body, "whole-file", **place)).status_code == 200
        taken = clerk.post(at(body, "take-package", **place))
        content = b"".join(taken.streaming_content)
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
        clerk.post(at(body, "keep-package", **place), {"_key": "once"})
        jobs.continuity.make_package(consultation=str(one.pk))
        package = Package.objects.get()
        assert clerk.get(at(body, "packages")).status_code == 200
        assert clerk.get(at(body, "package", package=package.pk)).status_code == 200
        kept = b"".join(clerk.get(at(body, "package-file", package=package.pk)).streaming_content)
        assert hashlib.sha256(kept).hexdigest() == package.sha256
        sent = SimpleUploadedFile("dossier.zip", content)
        answer = clerk.post(at(body, "bring-package"), {"package": sent})
        back = Package.objects.get(origin="brought")
        page = at(body, "package", package=back.pk)
        assert answer["Location"] == page
        assert "hx-trigger" in clerk.get(page).content.decode(), "it looks again by itself"
        assert clerk.get(at(body, "package-file", package=back.pk)).status_code == 409
        jobs.continuity.read_package(package=str(back.pk))
        assert "hx-trigger" not in clerk.get(page).content.decode()
        assert b"".join(clerk.get(at(body, "package-file", package=back.pk)).streaming_content) == content
        entry = package_queries.entries_of(back)[0]
        download = clerk.get(at(body, "package-entry", package=back.pk, entry=entry.pk))
        assert "attachment" in download["Content-Disposition"]

    def test_what_is_no_package_is_told_in_the_form(self, body: Any, clerk: Client) -> None:
        sent = SimpleUploadedFile("dossier.zip", b"%PDF-1.7")
        assert clerk.post(at(body, "bring-package"), {"package": sent}).status_code == 422
        clerk.post(at(body, "bring-package"), {"package": SimpleUploadedFile("x.zip", packed()[:-30])})
        refused = Package.objects.get()
        jobs.continuity.read_package(package=str(refused.pk))
        refused.refresh_from_db()
        page = clerk.get(at(body, "package", package=refused.pk)).content.decode()
        assert sentence(refused.fault["message"], {}) in html.unescape(page)
        assert clerk.get(at(body, "packages")).status_code == 200
        assert clerk.post(at(body, "bring-package"), {}).status_code == 422

    def test_nothing_is_taken_out_or_destroyed_too_early(
        self, body: Any, secretary: Any, clerk: Client
    ) -> None:
        one = soon(secretary)
        place = {"consultation": one.pk}
        assert clerk.get(at(body, "whole-file", **place)).status_code == 200
        assert clerk.post(at(body, "take-package", **place)).status_code == 409
        done = ended(secretary, "abandoned")
        clerk.post(at(body, "keep-package", consultation=done.pk))
        jobs.continuity.make_package(consultation=str(done.pk))
        package = Package.objects.get()
        assert clerk.get(at(body, "destroy-package", package=package.pk)).status_code == 200
        refused = clerk.post(at(body, "destroy-package", package=package.pk), {"reason": "Visa n° 12."})
        assert refused.status_code == 422

    def test_those_of_elsewhere_are_not_there(self, secretary: Any, body: Any) -> None:
        other = make_body("Commune de Modèle", "210000009")
        stranger = signed_in(other, "secretary")
        one = ended(secretary)
        assert stranger.get(at(other, "whole-file", consultation=one.pk)).status_code == 404
        assert stranger.post(at(other, "take-package", consultation=one.pk)).status_code == 404
        assert make_actor(body) is not None
