"""What every template keeps: the content security policy, and a layout above it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "territoires"
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
# Whole documents: the base of all layouts and the page shown when nothing works; then what leaves the platform, to be
# read in a mail program or from a disk, and so carries its own style.
DOCUMENTS = {"ui/layouts/base.html", "500.html"}
TRAVELLERS = {"notifications/mail.html", "journal/evidence.html"}
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle=|<style", re.I),
    "an inline handler": re.compile(r"<[^>{%]*\son[a-z]+\s*=", re.I),
    # A data block (application/json) is not executed; a script must have its file.
    "an inline script": re.compile(r"<script(?![^>]*\b(src=|type=\"application/json\"))", re.I),
    "a script address": re.compile(r"javascript:", re.I),
    "something from elsewhere": re.compile(r"(?:src|href|action)=[\"']?(?:https?:)?//", re.I),
    "a colour utility of Bootstrap": re.compile(
        r"class=\"[^\"]*\b(?:text|bg|btn|alert|badge)-(?:primary|secondary|success|danger|warning|info|light|dark)\b"
    ),
}


def name(template: Path) -> str:
    return str(template).rsplit("/templates/", 1)[1]


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_template_keeps_the_policy(template: Path) -> None:
    if name(template) in TRAVELLERS:
        pytest.skip("it is not served as a page")
    source = template.read_text()
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_template_stands_on_a_layout_or_is_a_fragment(template: Path) -> None:
    source = template.read_text()
    stands = source.lstrip().startswith("{% extends ")
    is_fragment = not re.search(r"<(!doctype|html|head|body|main)\b", source, re.I)
    assert stands or is_fragment or name(template) in DOCUMENTS | TRAVELLERS


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("an inline style", '<p class="a" style="color: red">'),
        ("an inline handler", '<a href="#" onclick="go()">'),
        ("an inline script", "<script>go()</script>"),
        ("a script address", '<a href="javascript:go()">'),
        ("something from elsewhere", '<img src="https://example.org/a.png">'),
        ("a colour utility of Bootstrap", '<p class="mb-2 text-danger">'),
    ],
)
def test_rules_catch_what_they_are_for(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)
