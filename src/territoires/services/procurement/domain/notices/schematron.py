"""Official Schematron rules made an XSLT stylesheet that lists what fails.

Only what the rules of eForms use: phases, patterns, ``let``, ``rule``, ``assert``. Within a pattern a node is judged
by the first rule whose context it matches; attributes are visited too. Names of ``let`` do not collide between
patterns, so that all become global. Source: ISO/IEC 19757-3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.kernel.xml import Element, parse_xml

SCH = "{http://purl.oclc.org/dsdl/schematron}"
XSL_NAMESPACE = "http://www.w3.org/1999/XSL/Transform"
XSL = f"{{{XSL_NAMESPACE}}}"
MAIN = "complete-validation.sch"
EMPTY = "none"
TOLD_NAMESPACE = "urn:territoires:failures"
TOLD = ("rule", "role", "about", "stage", "asks")
"""What is told of an assertion that fails, besides where."""

Reader = Callable[[str], bytes]
"""The bytes of one file of the rules by its name."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A schema read whole. ``phases`` name their patterns; ``fields`` gives the field that a diagnostic is about."""

    namespaces: dict[str, str]
    lets: tuple[tuple[str, str], ...]
    phases: dict[str, tuple[str, ...]]
    files: dict[str, str]
    fields: dict[str, str]


def read_rules(read: Reader) -> Rules:
    """The head of a schema; its patterns are read when they are compiled. Raises Invalid when it does not hold together."""
    root = parse_xml(read(MAIN))
    phases = {
        phase.get("id", ""): tuple(one.get("pattern", "") for one in phase.iterchildren(f"{SCH}active"))
        for phase in root.iterchildren(f"{SCH}phase")
    }
    if not phases:
        raise _unsound(MAIN, "no phase")
    return Rules(
        namespaces={one.get("prefix", ""): one.get("uri", "") for one in root.iterchildren(f"{SCH}ns")},
        lets=tuple(_lets(root)),
        phases=phases,
        files=_files(root),
        fields={
            one.get("id", ""): one.get("see", "").removeprefix("field:")
            for one in root.iter(f"{SCH}diagnostic")
        },
    )


def patterns_of(rules: Rules, phase: str) -> tuple[str, ...]:
    """The names of the patterns of a phase, in their order. Raises Invalid when the schema has no such phase."""
    if phase not in rules.phases:
        raise Invalid(
            "notice-subtype-unknown",
            "The official rules know no notice of the type %(subtype)s.",
            "Choose another type of notice, or ask the operator for newer rules.",
            params={"subtype": phase.removeprefix("eforms-")},
        )
    return rules.phases[phase]


def compile_patterns(rules: Rules, names: Iterable[str], read: Reader) -> bytes:
    """A stylesheet (XSLT 3.0) that turns a notice into ``<failed>`` with one child for each assertion that fails.

    Raises Invalid when a pattern is missing or is not what its file says.
    """
    patterns = [_pattern(rules, name, read) for name in names]
    prefixes = {"xsl": XSL_NAMESPACE, "told": TOLD_NAMESPACE}
    sheet = etree.Element(f"{XSL}stylesheet", nsmap=prefixes | rules.namespaces, version="3.0")
    sheet.set("expand-text", "no")
    _add(sheet, "output", method="xml", indent="no")
    for name, value in (*rules.lets, *(let for pattern in patterns for let in _lets(pattern))):
        _add(sheet, "variable", name=name, select=value)
    _root_template(sheet, len(patterns))
    _telling(sheet)
    for rank, pattern in enumerate(patterns):
        _add(sheet, "mode", **{"name": f"p{rank}", "on-no-match": "shallow-skip"})
        _templates(sheet, pattern, f"p{rank}")
    return etree.tostring(sheet, encoding="utf-8", xml_declaration=True)


def _files(root: Element) -> dict[str, str]:
    """The file of each pattern: its name is that of the pattern without its prefix."""
    names = [one.get("href", "") for one in root.iterchildren(f"{SCH}include")]
    return {f"EFORMS-{name.removesuffix('.sch')}": name for name in names}


def _pattern(rules: Rules, name: str, read: Reader) -> Element:
    if name not in rules.files:
        raise _unsound(MAIN, name)
    pattern = parse_xml(read(rules.files[name]))
    if pattern.tag != f"{SCH}pattern" or pattern.get("id") != name:
        raise _unsound(rules.files[name], name)
    return pattern


def _lets(parent: Element) -> Iterator[tuple[str, str]]:
    for let in parent.iterchildren(f"{SCH}let"):
        yield let.get("name", ""), let.get("value", "")


def _root_template(sheet: Element, count: int) -> None:
    start = _add(sheet, "template", match="/", priority="0")
    failed = etree.SubElement(start, "failed")
    for rank in range(count):
        _add(failed, "apply-templates", select="*", mode=f"p{rank}")


def _templates(sheet: Element, pattern: Element, mode: str) -> None:
    rules = list(pattern.iterchildren(f"{SCH}rule"))
    for rank, rule in enumerate(rules):
        template = _add(
            sheet, "template", match=rule.get("context", EMPTY), mode=mode, priority=str(len(rules) - rank)
        )
        for name, value in _lets(rule):
            _add(template, "variable", name=name, select=value)
        for assertion in rule.iterchildren(f"{SCH}assert"):
            _judgement(template, assertion, pattern.get("id", ""))
        _add(template, "apply-templates", select="@*|node()", mode=mode)


def _telling(sheet: Element) -> None:
    """What is told of an assertion that fails, written once: in each of thousands it takes most of the compilation."""
    function = _add(sheet, "function", **{"name": "told:failure", "as": "element()"})
    for name in ("at", *TOLD):
        _add(function, "param", name=name)
    etree.SubElement(
        function,
        "one",
        {name: f"{{${name}}}" for name in TOLD},
        place="{string-join($at/ancestor-or-self::*/name(), '/')}",
        within="{$at/ancestor-or-self::*[*:ID/@schemeName=('Lot','LotsGroup','Part')][1]/*:ID}",
    )


def _judgement(template: Element, assertion: Element, pattern: str) -> None:
    test = assertion.get("test", "true()")
    told = {
        "rule": assertion.get("id", ""),
        "role": assertion.get("role", "ERROR"),
        "about": assertion.get("diagnostics", ""),
        "stage": pattern.removeprefix("EFORMS-validation-stage-"),
        "asks": _asks(test),
    }
    unless = _add(template, "if", test=f"not({test})")
    words = ", ".join(_literal(told[name]) for name in TOLD)
    _add(unless, "sequence", select=f"told:failure(., {words})")


def _literal(text: str) -> str:
    """A string as XPath writes it."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _asks(test: str) -> str:
    """``present`` where the assertion wants something to be there, ``absent`` where it wants nothing; else nothing."""
    head = test.strip()
    if not head.startswith("count("):
        return ""
    depth = 0
    for place, sign in enumerate(head):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            rest = head[place + 1 :].strip()
            return "present" if rest.startswith("> 0") else "absent" if rest.startswith("= 0") else ""
    return ""


def _add(parent: Element, name: str, /, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{XSL}{name}", attributes)


def _unsound(file: str, name: str) -> Invalid:
    return Invalid(
        "notice-rules-unsound",
        "The official rules of notices on this platform do not hold together: %(file)s, %(name)s.",
        "Ask the operator to put them back: territoires eforms.",
        params={"file": file, "name": name},
    )
