"""The official file of the common procurement vocabulary, as the eForms SDK publishes its translations."""

from __future__ import annotations

import re

from territoires.kernel.errors import Invalid

_LABEL = re.compile(r'<entry key="code\|name\|cpv\.(\d{8})">([^<]*)</entry>')
_REFERENCES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}


def labels_in(text: str) -> dict[str, str]:
    """Labels by code of a ``code_fr.xml`` (or another language). Raises Invalid when it holds none.

    Read line by line with a pattern, not as XML: the file declares a document type, which we never open.
    """
    found = {code: _plain(label) for code, label in _LABEL.findall(text)}
    if not found:
        raise Invalid(
            "no-cpv",
            "This file holds no CPV label.",
            "Give translations/code_fr.xml of the eForms SDK of the Publications Office.",
        )
    return found


def _plain(label: str) -> str:
    for reference, character in _REFERENCES.items():
        label = label.replace(reference, character)
    return " ".join(label.split())
