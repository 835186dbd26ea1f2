"""Browsers on a running platform: an enterprise signed in, and what the opening officers would read of what it sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from territoires.services.procurement.domain.sealing import block as blocks
from territoires.services.procurement.domain.sealing import files
from territoires.services.procurement.domain.sealing.sharing import xor
from territoires.services.procurement.models import Consultation, Deposit, SealedBlock
from territoires.services.procurement.queries.bids import manifest_of
from territoires.services.procurement.queries.sealed_files import file_of, stored_chunks
from tests.services.procurement.conftest import make_actor, make_body, make_consultation, make_person, rows
from tests.services.procurement.sealing.cast import Cast

from .conftest import DEADLINE, SIRETS, make_enterprise, publish

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Call:
    """A published consultation of a live platform, and an enterprise with an account."""

    site: str
    consultation: Consultation
    cast: Cast
    enterprise: Any
    account: Any

    def sign_in(self, context: BrowserContext, *, account: Any = None, language: str = "en") -> None:
        client = Client()
        client.force_login(account or self.account, backend=BACKEND)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [
                {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.site},
                {"name": "django_language", "value": language, "url": self.site},
            ]
        )

    def begin(self, page: Page) -> None:
        """From the public page to the page of the bid."""
        page.goto(f"{self.site}/marches/{self.consultation.pk}/repondre/")
        page.get_by_role("link", name="Travaux Modèle").click()
        page.get_by_role("button", name="Prepare our bid").click()
        expect(page.locator("[data-deposit]")).to_be_visible()


def open_call(site: str, *, deadline: datetime = DEADLINE, **cast: Any) -> Call:
    secretary = make_actor(make_body())
    consultation = make_consultation(secretary, "validated")
    made = publish(consultation, deadline=deadline, **cast)
    enterprise = make_enterprise(SIRETS[0])
    return Call(site, consultation, made, enterprise, make_account(enterprise, "manon@modele.example"))


def make_account(enterprise: Any, email: str) -> Any:
    person = make_person(enterprise, email.partition("@")[0].capitalize())
    rows("identity.RoleAssignment").create(
        membership=person.memberships.get(), role="representative", since_on="2026-01-05"
    )
    return rows("identity.Account").create_user(email, person=person)


def choose(page: Page, section: str, *paths: Path) -> None:
    """Adds files to a section of the page, by its title."""
    page.get_by_role("heading", name=section, exact=False).locator("xpath=ancestor::section[1]").locator(
        ".deposit-add input"
    ).set_input_files([str(one) for one in paths])


def all_sent(page: Page, count: int, timeout: float = 60_000) -> None:
    expect(page.locator("[data-state].tone-ok")).to_have_count(count, timeout=timeout)


def deposit(page: Page) -> None:
    page.get_by_role("button", name="Deposit my bid").click()
    expect(page.get_by_role("heading", name="Receipt of deposit")).to_be_visible(timeout=20_000)


def opened(call: Call, made: Deposit) -> Mapping[str, bytes]:
    """What the quorum reads of a deposit, by name, after every check of the protocol."""
    found: dict[str, bytes] = {}
    for entry in manifest_of(made).files:
        block = blocks.read_block(bytes(SealedBlock.objects.get(pk=entry.block).document))
        pieces: dict[int, bytes] = {}
        for holder in call.cast.ids[: call.cast.threshold]:
            pieces |= blocks.unwrap_pieces(call.cast.policy, block, holder, call.cast.keys[holder])
        time = blocks.unwrap_time(call.cast.policy, block, call.cast.time_key)
        master = blocks.opened_master(block, xor(list(pieces.values())), time)
        stored = list(stored_chunks(file_of(made.draft, entry.file)))
        files.check_root(entry, stored)
        header = files.opened_header(master, entry)
        found[header.name] = b"".join(files.opened_chunks(master, entry, header, stored))
    return found
