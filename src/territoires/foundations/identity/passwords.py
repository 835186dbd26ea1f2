"""Passwords: how they are kept, and which are refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from territoires.kernel.text import fold


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id at the floor measured for a morning peak: m=46 MiB, t=1, p=1 (43 ms a check)."""

    time_cost = 1
    memory_cost = 47_104
    parallelism = 1


class NamesValidator:
    """Refuses a password that holds the name of the person, of the platform, or the first part of the address."""

    SHORTEST = 4

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError. ``user`` is an account, or nothing yet."""
        text = fold(password).replace(" ", "")
        person = getattr(user, "person", None)
        names = [settings.PLATFORM_NAME, getattr(user, "email", "").partition("@")[0]]
        if person is not None:
            names += [person.given_names, person.usual_name]
        words = {word for name in names for word in fold(name).split() if len(word) >= self.SHORTEST}
        if any(word in text for word in words):
            raise ValidationError(
                _(
                    "The password holds your name or that of the platform: choose words that nobody links to you."
                ),
                code="password_holds_name",
            )

    def get_help_text(self) -> str:
        return _("Neither your name nor that of the platform.")
