"""Notification of an act to a person concerned (CRPA L.221-8)."""

from __future__ import annotations

from datetime import date

from territoires.kernel.errors import Fault

MEANS = ("hand", "registered_letter", "electronic", "bailiff")


def faults_of_notice(
    *, recipient: str, notified_on: date | None, means: str, signed_on: date, today: date
) -> list[Fault]:
    """What is wrong with a notification; empty when it may be recorded."""
    faults = []
    if not recipient:
        faults.append(
            Fault(
                "recipient",
                "recipient-missing",
                "It is not said to whom the act was notified.",
                "Give the name of the person or enterprise.",
            )
        )
    if means not in MEANS:
        faults.append(
            Fault(
                "means",
                "means-missing",
                "It is not said how the act was notified.",
                "Choose one in the list.",
            )
        )
    if notified_on is None or not signed_on <= notified_on <= today:
        faults.append(
            Fault(
                "notified_on",
                "notice-date",
                "The day of the notification lies between the signature and today.",
                "Give the day on which the person received the act, as the proof shows it.",
            )
        )
    return faults
