"""A package as a SEDA transfer: the manifest (``ArchiveTransfer``) that an archiving service reads beside its files.

SEDA 2.1 and 2.2, which differ here by their namespace alone. One unit a folder and one a file; each file stands under
``content/`` in the submission, with its SHA-256, its size and its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from lxml import etree

from territoires.contracts.archives import Description, FinalAction, Unit
from territoires.kernel.xml import Element, xml_text

from .packages import Listed

PUBLIC = "Public Archive"
LONGEST = 32_000  # characters a field, the usual limit of archiving services


class Version(StrEnum):
    """The versions of SEDA that are written."""

    V2_1 = "v2.1"
    V2_2 = "v2.2"


def transfer(
    description: Description,
    listed: Sequence[Listed],
    *,
    at: datetime,
    message: str,
    archives: str,
    version: Version = Version.V2_1,
) -> bytes:
    """The manifest, in UTF-8. ``message`` identifies this transfer; ``archives`` is the SIREN of the archival agency."""
    make = _Maker(version)
    files = {one.path: f"object-{number}" for number, one in enumerate(listed, start=1)}
    objects = (_object(make, files[one.path], one) for one in listed)
    package = make(
        "DataObjectPackage",
        *objects,
        make("DescriptiveMetadata", _whole(make, description, files)),
        make(
            "ManagementMetadata",
            make("LegalStatus", PUBLIC),
            make("OriginatingAgencyIdentifier", description.producer),
            make("SubmissionAgencyIdentifier", description.producer),
        ),
    )
    root = make(
        "ArchiveTransfer",
        make("Comment", description.title),
        make("Date", at.isoformat(timespec="seconds")),
        make("MessageIdentifier", message),
        make("CodeListVersions"),
        package,
        make("ArchivalAgency", make("Identifier", archives)),
        make("TransferringAgency", make("Identifier", description.producer)),
        nsmap={None: make.namespace},
    )
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


class _Maker:
    """Makes elements of one version of SEDA, without what XML cannot hold."""

    def __init__(self, version: Version) -> None:
        self.namespace = f"fr:gouv:culture:archivesdefrance:seda:{version}"

    def __call__(
        self,
        name: str,
        /,
        *children: str | Element | None,
        nsmap: dict[str | None, str] | None = None,
        **attributes: str,
    ) -> Element:
        element = etree.Element(f"{{{self.namespace}}}{name}", attributes, nsmap)
        for child in children:
            if isinstance(child, str):
                element.text = xml_text(child)[:LONGEST]
            elif child is not None:
                element.append(child)
        return element


def _object(make: _Maker, key: str, one: Listed) -> Element:
    return make(
        "BinaryDataObject",
        make("DataObjectVersion", "BinaryMaster_1"),
        make("Uri", f"content/{one.path}"),
        make("MessageDigest", one.sha256, algorithm="SHA-256"),
        make("Size", str(one.size)) if one.size else None,  # the schema refuses zero
        make("FileInfo", make("Filename", one.path)),
        id=key,
    )


def _whole(make: _Maker, description: Description, files: dict[str, str]) -> Element:
    folders = [unit for unit in description.units if any(_is_in(path, unit) for path in files)]
    loose = [path for path in files if not any(_is_in(path, unit) for unit in folders)]
    units = [
        _folder(make, f"unit-{number}", unit, description, files)
        for number, unit in enumerate(folders, start=1)
    ]
    return make(
        "ArchiveUnit",
        make("Management", _rule(make, description, FinalAction.KEEP)),
        make(
            "Content",
            make("DescriptionLevel", "File"),
            make("Title", description.title),
            make("OriginatingAgencyArchiveUnitIdentifier", description.identifier),
            make("Description", description.summary) if description.summary else None,
            make("DocumentType", description.document_type),
            make("OriginatingAgency", make("Identifier", description.producer)),
            make("StartDate", description.started_on.isoformat()) if description.started_on else None,
        ),
        *units,
        *_items(make, loose, description, files),
        id="unit-0",
    )


def _folder(make: _Maker, key: str, unit: Unit, description: Description, files: dict[str, str]) -> Element:
    own = unit.final_action != FinalAction.KEEP
    return make(
        "ArchiveUnit",
        make("Management", _rule(make, description, unit.final_action)) if own else None,
        make("Content", make("DescriptionLevel", "RecordGrp"), make("Title", unit.title)),
        *_items(make, [path for path in files if _is_in(path, unit)], description, files),
        id=key,
    )


def _items(
    make: _Maker, paths: Iterable[str], description: Description, files: dict[str, str]
) -> Iterable[Element]:
    for path in paths:
        key = files[path]
        reference = make("DataObjectReference", make("DataObjectReferenceId", key))
        title = make("Title", description.titles.get(path) or path)
        content = make("Content", make("DescriptionLevel", "Item"), title)
        yield make("ArchiveUnit", content, reference, id=f"of-{key}")


def _rule(make: _Maker, description: Description, action: FinalAction) -> Element:
    """The duration as ISO 8601; the agreement with the archives maps it to a rule of theirs."""
    start = description.keep_from_on
    return make(
        "AppraisalRule",
        make("Rule", f"P{description.keep_years}Y"),
        make("StartDate", start.isoformat()) if start else None,
        make("FinalAction", action.value),
    )


def _is_in(path: str, unit: Unit) -> bool:
    return path.startswith(f"{unit.folder}/")
