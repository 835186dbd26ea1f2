"""Each pair of colours that the theme puts together can be read, in light and in dark (WCAG 1.4.3 and 1.4.11).

The pairs are read from the style sheets themselves: a rule that sets both colours makes a pair; a colour of text alone
must hold on every ground of a page. What has neither effect nor meaning (hairlines) is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

THEME = Path(__file__).resolve().parents[2] / "frontend" / "src" / "theme"
GROUNDS = ("paper", "surface", "sunken")
TEXT, MARK = 4.5, 3.0
WHITE = ("#ffffff", "#ffffff")
EDGE = "line-strong"  # of fields and of pictures: never text

Pair = tuple[str, str]


def rules() -> Iterator[tuple[str, dict[str, str]]]:
    """Every innermost rule of the theme: its selector and its declarations."""
    for sheet in sorted(THEME.glob("*.css")):
        css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
        for selector, body in re.findall(r"([^{};]+)\{([^{}]*)\}", css):
            yield " ".join(selector.split()), dict(re.findall(r"([\w-]+)\s*:\s*([^;]+);", body))


def tokens() -> dict[str, Pair]:
    """Each token with its light and its dark colour."""
    declared = re.findall(
        r"--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)", (THEME / "tokens.css").read_text()
    )
    return {name: (light, dark) for name, light, dark in declared}


def tones() -> list[tuple[str, str]]:
    """What ``--tone`` and ``--tone-soft`` stand for, state by state."""
    pairs = [(colours_of(body.get("--tone")), colours_of(body.get("--tone-soft"))) for _, body in rules()]
    return [(tone[0], soft[0]) for tone, soft in pairs if tone and soft]


def colours_of(value: str | None) -> list[str]:
    return re.findall(r"var\(--([\w-]+)", value or "") or re.findall(r"#fff\b", value or "")


def pairs_of_text() -> set[tuple[str, str]]:
    """(text, ground) by token, as the rules put them together."""
    found: set[tuple[str, str]] = set()
    for _, body in rules():
        for text in colours_of(body.get("color")):
            own = colours_of(body.get("background"))
            if text == EDGE:
                continue
            if text == "tone":
                found |= {(tone, soft if own else ground) for tone, soft in tones() for ground in GROUNDS}
            else:
                found |= {(text, ground) for ground in own or GROUNDS}
    notices = {(text, soft) for _, soft in tones() for text in ("ink", "ink-soft", "pine")}
    return found | notices


def pairs_of_marks() -> set[tuple[str, str]]:
    """(mark, ground): the edges of what is filled in, and where the focus is: around a thing, or drawn inside it."""
    grounds = {selector: colours_of(body.get("background")) for selector, body in rules()}
    found = {(EDGE, ground) for ground in GROUNDS}
    for selector, body in rules():
        for mark in colours_of(body.get("outline")) + colours_of(body.get("outline-color")):
            is_inside = body.get("outline-offset", "").startswith("-")
            own = grounds.get(selector.removesuffix(":focus-visible")) if is_inside else None
            found |= {(mark, ground) for ground in own or GROUNDS}
    return found


def contrast(one: str, other: str) -> float:
    """Between 1 and 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_scale_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_theme_is_read() -> None:
    assert len(tokens()) > 15
    assert {("on-fill", "pine"), ("pine", "pine-soft"), ("brick", "brick-soft")} <= pairs_of_text()
    assert {("pine", "surface"), (EDGE, "surface"), ("paper", "ink")} <= pairs_of_marks()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("pairs", "least"), [(pairs_of_text(), TEXT), (pairs_of_marks(), MARK)], ids=["text", "marks"]
)
def test_pairs_can_be_told_apart(pairs: set[tuple[str, str]], least: float, theme: str) -> None:
    place = ("light", "dark").index(theme)
    known = tokens() | {"#fff": WHITE}
    weak = {
        f"{front} on {ground}": round(ratio, 2)
        for front, ground in sorted(pairs)
        if (ratio := contrast(known[front][place], known[ground][place])) < least
    }
    assert weak == {}
