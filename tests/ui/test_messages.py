"""The translation tools find what is written, in Python, templates and the kernel's values, and miss nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from territoires.ui import messages


def found_in(tmp_path: Path, name: str, source: str) -> set[object]:
    path = tmp_path / name
    path.write_text(source)
    return {found.key for found in messages.messages_in(path)}


def test_finds_gettext_in_python(tmp_path: Path) -> None:
    source = 'from x import gettext_lazy as _\nA = _("One")\nB = ngettext("a day", "%(n)s days", 2)\n'
    assert found_in(tmp_path, "a.py", source) == {"One", ("a day", "%(n)s days")}


def test_finds_what_the_kernel_carries_unmarked(tmp_path: Path) -> None:
    source = (
        'raise Conflict("code", "It changed.", "Reload.")\nState("draft", "Draft", meaning="No effect.")\n'
    )
    assert found_in(tmp_path, "a.py", source) == {"It changed.", "Reload.", "Draft", "No effect."}


def test_finds_trans_inside_components(tmp_path: Path) -> None:
    source = """
      <c-card title="{% trans 'The act' %}">
        {% blocktrans trimmed with n=1 %}
          Page {{ n }}
          of many
        {% endblocktrans %}
          {% blocktrans count n=n %}one{% plural %}{{ n }} things{% endblocktrans %}
      </c-card>{# not this #} it's (unbalanced
    """
    assert found_in(tmp_path, "a.html", source) == {
        "The act",
        "Page %(n)s of many",
        ("one", "%(n)s things"),
    }


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> messages.Application:
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "pages.py").write_text('A = _("Deadline: %(day)s")\n')
    return messages.Application(tmp_path / "room")


def test_check_says_missing_then_untranslated_then_nothing(application: messages.Application) -> None:
    assert "missing" in next(messages.faults(application))
    assert messages.add_new(application) == 1
    again = messages.Application(application.root)
    assert [fault for fault in messages.faults(again) if "untranslated" in fault]
    again.catalog.get("Deadline: %(day)s").string = "Échéance : %(day)s"
    assert list(messages.faults(again)) == []


def test_check_refuses_a_lost_placeholder(application: messages.Application) -> None:
    messages.add_new(application)
    application.catalog.get("Deadline: %(day)s").string = "Échéance : %(jour)s"
    assert list(messages.faults(application))


@pytest.mark.parametrize("french", ["Échéance", "Échéance : %(day)s, %(hour)s"])
def test_check_refuses_a_placeholder_left_out_or_added(
    application: messages.Application, french: str
) -> None:
    messages.add_new(application)
    application.catalog.get("Deadline: %(day)s").string = french
    assert any("placeholder" in fault for fault in messages.faults(application))


@pytest.mark.parametrize(
    ("french", "is_kept"),
    [
        (("un jour", "%(n)s jours"), True),
        (("%(n)s jour", "%(n)s jours"), True),
        (("un jour", "des jours"), False),
        (("le %(day)s", "%(n)s jours"), False),
    ],
)
def test_check_of_a_plural(application: messages.Application, french: tuple[str, str], is_kept: bool) -> None:
    (application.root / "pages.py").write_text('A = ngettext("a day", "%(n)s days", 2)\n')
    messages.add_new(application)
    application.catalog.get("a day").string = french
    assert (list(messages.faults(application)) == []) is is_kept


def test_typeset_keeps_punctuation_with_its_word() -> None:
    assert messages.typeset("Rien : « oui » ; 3 685 €") == (
        "Rien\u00a0: «\u00a0oui\u00a0»\u00a0; 3\u00a0685\u00a0€"
    )
