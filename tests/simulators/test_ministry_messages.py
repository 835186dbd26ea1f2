"""The other messages: cancellation, classification, letters and their replies; all valid for the official schema."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from lxml import etree

from .ministry import ACTES, PDF, SIREN, Act, Mail, Ministry, Parcel, detail

numbers = (f"M_{number}" for number in count(1))
LETTER_ON = "2026-04-02"
LETTERS = [
    ("2-1", "CourrierSimple", None),
    ("3-1", "DemandePieceComplementaire", "DescriptionPieces"),
    ("4-1", "LettreObservations", "Motif"),
]


def acknowledged(ministry: Ministry) -> Act:
    act = Act(next(numbers))
    _name, root = ministry.answer(ministry.act(act))
    assert root.tag == f"{ACTES}ARActe"
    return act


def cancellation(ministry: Ministry, act: Act) -> Parcel:
    return ministry.message(
        f"{act.identifier}-6-1_0.xml", f'<actes:Annulation actes:IDActe="{act.identifier}"/>'
    )


def request(ministry: Ministry, known_on: str = "") -> Parcel:
    known = f"<actes:DateClassification>{known_on}</actes:DateClassification>" if known_on else ""
    return ministry.message(
        f"021-{SIREN}----7-1_0.xml", f"<actes:DemandeClassification>{known}</actes:DemandeClassification>"
    )


def reply(
    ministry: Ministry, act: Act, kind: str, root: str, *, many: bool = False, day: str = LETTER_ON
) -> Parcel:
    name = f"99_DE-{act.identifier}-{kind}_1.pdf"
    file = f"<actes:Document><actes:NomFichier>{name}</actes:NomFichier></actes:Document>"
    body = f"<actes:Documents>{file}</actes:Documents>" if many else file
    return ministry.message(
        f"{act.identifier}-{kind}_0.xml",
        f'<actes:{root} actes:IDActe="{act.identifier}" actes:DateCourrierPref="{day}">{body}</actes:{root}>',
        {name: PDF},
    )


def test_a_cancelled_act_gives_its_number_back(ministry: Ministry) -> None:
    act = acknowledged(ministry)
    name, root = ministry.answer(cancellation(ministry, act))
    assert name.startswith(f"{act.identifier}-6-2_")
    assert (root.tag, root.get(f"{ACTES}IDActe")) == (f"{ACTES}ARAnnulation", act.identifier)
    _name, root = ministry.answer(cancellation(ministry, act))
    assert "ODT-VERIF-17" in detail(root)
    _name, root = ministry.answer(ministry.act(act))
    assert root.tag == f"{ACTES}ARActe"


def test_the_classification_is_sent_when_it_is_another(ministry: Ministry) -> None:
    name, root = ministry.answer(request(ministry))
    assert name.startswith(f"021-{SIREN}----7-2_")
    assert root.findtext(f"{ACTES}DateClassification") == "2017-12-08"
    finance = [
        matter.get(f"{ACTES}CodeMatiere")
        for matter in root.iterfind(f".//{ACTES}Matiere1[@{ACTES}CodeMatiere='7']/{ACTES}Matiere2")
    ]
    assert finance == [str(number) for number in range(1, 11)]
    name, root = ministry.answer(request(ministry, "2017-12-08"))
    assert name.startswith(f"021-{SIREN}----7-3_")
    assert root.tag == f"{ACTES}ReponseClassificationSansChangement"


def test_a_new_classification_is_in_force_at_once(ministry: Ministry) -> None:
    ministry.order(
        "/classification", department="021", dated_on="2026-10-01", matters={"5.2.1": "Règlements intérieurs"}
    )
    try:
        _name, root = ministry.answer(request(ministry, "2017-12-08"))
        assert root.findtext(f"{ACTES}DateClassification") == "2026-10-01"
        assert root.find(f".//{ACTES}Matiere3[@{ACTES}Libelle='Règlements intérieurs']") is not None
        _name, root = ministry.answer(ministry.act(Act(next(numbers))))
        assert detail(root).startswith("ODT-VERIF-01")
        assert root.findtext(f"{ACTES}ClassificationDateVersionEnCours") == "2026-10-01"
        above = Act(next(numbers), classification_on="2026-10-01")
        _name, root = ministry.answer(ministry.act(above))
        assert "La matière 5.2 " in detail(root)  # a finer one is known now
        leaf = Act(next(numbers), classification_on="2026-10-01", matter=(5, 2, 1))
        _name, root = ministry.answer(ministry.act(leaf))
        assert root.tag == f"{ACTES}ARActe"
    finally:
        ministry.order("/classification", department="021", dated_on="2017-12-08")


@pytest.mark.parametrize(("kind", "element", "words"), LETTERS)
def test_a_letter_comes_with_its_paper(
    ministry: Ministry, kind: str, element: str, words: str | None
) -> None:
    act = acknowledged(ministry)
    ministry.order("/letters", kind=kind, act=act.identifier, words="Pièces du marché", dated_on=LETTER_ON)
    root, files = letter(ministry, act, kind)
    assert root.tag == f"{ACTES}{element}"
    assert root.get(f"{ACTES}DateCourrierPref") == LETTER_ON
    assert words is None or root.findtext(f"{ACTES}{words}") == "Pièces du marché"
    paper = root.findtext(f"{ACTES}Document/{ACTES}NomFichier") or ""
    assert files[paper].startswith(b"%PDF-")


def test_the_court_is_told_of(ministry: Ministry) -> None:
    act = acknowledged(ministry)
    ministry.order("/letters", kind="5-1", act=act.identifier, words="Incompétence", dated_on=LETTER_ON)
    root, files = letter(ministry, act, "5-1")
    assert root.findtext(f"{ACTES}NatureIllegalite") == "Incompétence"
    assert root.findtext(f".//{ACTES}NomFichier") in files


@pytest.mark.parametrize(
    ("letter_kind", "kind", "element", "many", "answered"),
    [
        ("3-1", "3-3", "RefusPieceComplementaire", False, "3-5"),
        ("3-1", "3-4", "PieceComplementaire", True, "3-5"),
        ("4-1", "4-3", "RejetLettreObservations", False, "4-5"),
        ("4-1", "4-4", "ReponseLettreObservations", False, "4-5"),
    ],
)
def test_a_reply_is_acknowledged(
    ministry: Ministry, letter_kind: str, kind: str, element: str, many: bool, answered: str
) -> None:
    act = acknowledged(ministry)
    _name, root = ministry.answer(reply(ministry, act, kind, element, many=many))
    assert "ODT-VERIF-17" in detail(root)  # no letter to reply to
    ministry.order("/letters", kind=letter_kind, act=act.identifier, dated_on=LETTER_ON)
    ministry.mails()
    name, root = ministry.answer(reply(ministry, act, kind, element, many=many))
    assert name.startswith(f"{act.identifier}-{answered}_")
    letter_key = root.find(f"{ACTES}InfosCourrierPref")
    assert letter_key is not None
    assert letter_key.get(f"{ACTES}DateCourrierPref") == LETTER_ON


def test_what_needs_no_answer_gets_none(ministry: Ministry) -> None:
    act = acknowledged(ministry)
    ministry.order("/letters", kind="2-1", act=act.identifier, dated_on=LETTER_ON)
    ministry.order("/letters", kind="3-1", act=act.identifier, dated_on=LETTER_ON)
    ministry.mails(2)
    assert ministry.send(reply(ministry, act, "2-2", "ReponseCourrierSimple")) == 200
    assert ministry.verdict() == ("accepted", "")
    receipt = f'<actes:ARDemandePieceComplementaire actes:IDActe="{act.identifier}" actes:DateCourrierPref="{LETTER_ON}"/>'
    assert ministry.send(ministry.message(f"{act.identifier}-3-2_0.xml", receipt)) == 200
    assert ministry.verdict() == ("accepted", "")
    _name, root = ministry.answer(request(ministry))  # the next mail is this one's
    assert root.tag == f"{ACTES}RetourClassification"


def test_every_answer_is_valid_for_the_official_schema(ministry: Ministry, shared_data: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared_data / "legality-accounting/actes/xsd/actesv1_1.xsd"))
    act = acknowledged(ministry)
    for kind in ("2-1", "3-1", "4-1", "5-1"):
        ministry.order("/letters", kind=kind, act=act.identifier, dated_on=LETTER_ON)
    mails = ministry.mails(4)
    for parcel in (
        ministry.act(Act(next(numbers))),
        ministry.act(Act(next(numbers), classification_on="2017-04-19")),
        ministry.act(Act(next(numbers), object="x" * 501)),
        request(ministry),
        request(ministry, "2017-12-08"),
        reply(ministry, act, "3-3", "RefusPieceComplementaire"),
        reply(ministry, act, "4-4", "ReponseLettreObservations"),
        cancellation(ministry, act),
    ):
        assert ministry.send(parcel) == 200
        mails += ministry.mails()
    roots = [
        etree.fromstring(content) for mail in mails for name, content in mail.items() if name.endswith("xml")
    ]
    for root in roots:
        schema.assertValid(root)
    assert {etree.QName(root).localname for root in roots} == {
        "EnveloppeMISILLCL",
        "CourrierSimple",
        "DemandePieceComplementaire",
        "LettreObservations",
        "DefereTA",
        "ARActe",
        "AnomalieActe",
        "AnomalieEnveloppe",
        "RetourClassification",
        "ReponseClassificationSansChangement",
        "ARPieceComplementaire",
        "ARReponseRejetLettreObservations",
        "ARAnnulation",
    }


def test_the_grammar_reads_the_ministrys_own_messages(shared_data: Path) -> None:
    from simulators.ministry.norm import fault_of

    samples = sorted((shared_data / "legality-accounting/actes").glob("[cmp]*/*.xml"))
    assert samples
    faults = {sample.name: fault_of(etree.parse(sample)) for sample in samples}
    # 999 is not among the natures of the schema, though the ministry sends it.
    assert {name for name, fault in faults.items() if fault} == {"ANO_EACT--214400152--20180925-1.xml"}


def letter(ministry: Ministry, act: Act, kind: str) -> tuple[etree._Element, Mail]:
    (files,) = ministry.mails()
    (name,) = [
        name for name in files if name.startswith(f"{act.identifier}-{kind}_") and name.endswith(".xml")
    ]
    return etree.fromstring(files[name]), files
