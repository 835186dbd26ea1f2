"""What writing and reading @ctes share: namespaces, and access by qualified name whatever the prefix."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.kernel.xml import Element

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
INSEE = "http://xml.insee.fr/schema"
ENCODING = "ISO-8859-1"


def named(name: str, namespace: str = ACTES) -> str:
    """The name as lxml wants it: ``{namespace}name``."""
    return f"{{{namespace}}}{name}"


def local_name(element: Element) -> str:
    return etree.QName(element).localname


def child(parent: Element, name: str) -> Element:
    """The first child of that name. Raises Invalid when there is none."""
    found = parent.find(named(name))
    if found is None:
        raise _lacks(parent, name)
    return found


def children(parent: Element, name: str) -> Iterator[Element]:
    return parent.iterchildren(named(name))


def text(parent: Element, name: str, default: str | None = None) -> str:
    """The text of a child, with single spaces. Raises Invalid when it is missing and has no default."""
    found = parent.find(named(name))
    if found is None and default is not None:
        return default
    return " ".join((child(parent, name).text or "").split())


def attribute(element: Element, name: str, namespace: str = ACTES) -> str:
    """An attribute, qualified as the schema wants or bare as some senders write. Raises Invalid when missing."""
    found = element.get(named(name, namespace), element.get(name))
    if found is None:
        raise _lacks(element, name)
    return found.strip()


def day(value: str) -> date:
    """An ``xsd:date``; a time zone behind it is passed over. Raises Invalid."""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise Invalid(
            "actes-date",
            "“%(value)s” is not a date.",
            "Ask its sender for a valid message.",
            params={"value": value[:40]},
        ) from None


def _lacks(element: Element, name: str) -> Invalid:
    return Invalid(
        "actes-incomplete",
        "The message lacks %(name)s in %(element)s.",
        "Ask its sender for a message that follows the schema.",
        params={"name": name, "element": local_name(element)},
    )
