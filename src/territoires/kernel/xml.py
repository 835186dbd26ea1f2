"""XML that comes from outside: parsed without entities, document types, network or unbounded depth."""

from __future__ import annotations

import logging
import re
from typing import TypeAlias

from lxml import etree

from .errors import Invalid

Element: TypeAlias = etree._Element
log = logging.getLogger(__name__)
LIMIT = 32 * 1024 * 1024
_NOT_XML = re.compile(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_xml(data: bytes, *, limit: int = LIMIT) -> Element:
    """The root of a document of at most ``limit`` bytes.

    Raises Invalid when it is too large, not well-formed, or declares a document type: no message that we read has
    one, and entities are how a parser is made to read files or to fill the memory.
    """
    if len(data) > limit:
        raise Invalid(
            "xml-too-large",
            "This XML file is larger than %(megabytes)d MB.",
            "Send a smaller file.",
            params={"megabytes": limit // 1_000_000},
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        log.info("XML refused: %s", error)
        raise (
            _declares_type()
            if b"<!DOCTYPE" in data
            else Invalid(
                "xml-malformed",
                "This file is no XML, or it is damaged or cut short.",
                "Ask its sender for a whole file.",
            )
        ) from error
    if root.getroottree().docinfo.doctype:
        raise _declares_type()
    return root


def _declares_type() -> Invalid:
    return Invalid(
        "xml-document-type",
        "This XML file declares a document type; none is accepted.",
        "Ask its sender for a file without DOCTYPE.",
    )


def xml_text(words: str) -> str:
    """The words without what XML 1.0 cannot hold (its production 2, Char) nor carriage returns; spaces at the ends removed."""
    return _NOT_XML.sub("", words).strip()
