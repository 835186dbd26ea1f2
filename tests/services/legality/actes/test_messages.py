"""What we send is valid against the official schema; what the State sent is read, or refused with its reason."""

import subprocess
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.services.legality.domain.actes.names import ActIdentifier
from territoires.services.legality.domain.actes.reading import (
    ActAcknowledged,
    ActRefused,
    CancellationAcknowledged,
    ClassificationReturned,
    ClassificationUnchanged,
    EnvelopeRefused,
    Letter,
    ReceivedAct,
    ReceivedEnvelope,
    Referred,
    ReplyAcknowledged,
    read_message,
)
from territoires.services.legality.domain.actes.writing import (
    ActMessage,
    Sender,
    write_act,
    write_cancellation,
    write_classification_request,
    write_envelope,
)
from territoires.services.legality.domain.wording import transliterate

ACT = ActIdentifier("021", "212100077", date(2026, 3, 12), "DEL_2026_041", "DE")
SENDER = Sender(
    siren="212100077",
    department="021",
    arrondissement="3",
    nature="31",
    contact="Mairie d'Essai",
    telephone="0300000000",
    email="mairie@village.test",
    return_addresses=["retour@operator.test"],
)
NAMESPACE = 'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"'


def message(**changes):
    values = {
        "act": ACT,
        "nature_code": "1",
        "matter_code": "7.10",
        "object": "Vote du budget – “annexe”",
        "classification_on": date(2019, 4, 18),
        "document": f"99_DE-{ACT}-1-1_1.pdf",
        "annexes": [f"21_DA-{ACT}-1-1_2.pdf", f"99_SE-{ACT}-1-1_3.xml"],
    }
    return ActMessage(**{**values, "object": transliterate(values["object"]), **changes})


@pytest.fixture
def schema(shared_data):
    return shared_data / "legality-accounting/actes/xsd/actesv1_1.xsd"


@pytest.fixture
def valid(schema):
    """Says whether bytes are valid against the official schema."""
    judge = etree.XMLSchema(etree.parse(schema))

    def check(data):
        judge.assertValid(etree.fromstring(data))

    return check


SENT = {
    "act": lambda: write_act(message()),
    "act with all": lambda: write_act(
        message(matter_code="1.1.2.3.4", preceding=ACT, on_paper=True, annexes=[], object="é" * 499)
    ),
    "cancellation": lambda: write_cancellation(ACT),
    "classification, whole": lambda: write_classification_request(None),
    "classification, since": lambda: write_classification_request(date(2019, 4, 18)),
    "envelope": lambda: write_envelope(SENDER, [f"{ACT}-1-1_0.xml"]),
    "envelope without contact": lambda: write_envelope(
        Sender(
            siren="212100077",
            department="02A",
            arrondissement="1",
            nature="44",
            return_addresses=["a@b.fr", "c@d.fr"],
        ),
        [f"{ACT}-1-1_0.xml", f"{ACT}-6-1_0.xml"],
    ),
}


@pytest.mark.parametrize("name", SENT)
def test_every_message_that_is_sent_is_valid(name, valid):
    valid(SENT[name]())


@pytest.mark.parametrize("name", SENT)
def test_xmllint_accepts_every_message_that_is_sent(name, schema, xmllint, tmp_path):
    file = tmp_path / "message.xml"
    file.write_bytes(SENT[name]())
    done = subprocess.run(
        [xmllint, "--nonet", "--noout", "--schema", schema, file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@given(
    st.text(st.characters(max_codepoint=0xFF, exclude_categories=["Cc", "Cs"]), min_size=1, max_size=499),
    st.from_regex(r"[1-9](\.[1-9][0-9]?){1,4}", fullmatch=True),
    st.lists(st.from_regex(r"[A-Z0-9_]{5}-a\.pdf", fullmatch=True), max_size=4),
)
def test_any_act_that_passes_preflight_is_valid_and_says_the_same(words, matter, annexes):
    root = etree.fromstring(write_act(message(object=words, matter_code=matter, annexes=annexes)))
    name = "{http://www.interieur.gouv.fr/ACTES#v1.1-20040216}"
    assert root.findtext(f"{name}Objet") == words
    levels = [root.find(f"{name}CodeMatiere{rank}") for rank in range(1, 6)]
    assert ".".join(level.get(f"{name}CodeMatiere") for level in levels if level is not None) == matter
    assert root.find(f"{name}Annexes").get(f"{name}Nombre") == str(len(annexes))


def test_it_is_written_in_latin_1():
    assert "Délibération".encode("latin-1") in write_act(message(object="Délibération"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"object": "Cœur de ville"}, "actes-characters"),
        ({"object": "prix en €"}, "actes-characters"),
        ({"object": ""}, "actes-object"),
        ({"object": "x" * 500}, "actes-object"),
        ({"matter_code": "7"}, "actes-matter"),
        ({"matter_code": "7.1.1.1.1.1"}, "actes-matter"),
        ({"matter_code": "7.²"}, "actes-matter"),
    ],
)
def test_what_the_format_cannot_hold_is_refused_before_it_leaves(changes, code):
    with pytest.raises(Invalid) as refusal:
        write_act(message(**changes))
    assert refusal.value.code == code


@pytest.mark.parametrize("address", ["a+b@c.fr", "a@b.technology", "a@b", "é@b.fr", "a@b.fr\n", ""])
def test_an_address_that_the_schema_refuses_is_refused_first(address):
    with pytest.raises(Invalid) as refusal:
        write_envelope(
            Sender(
                siren="212100077",
                department="021",
                arrondissement="1",
                nature="31",
                return_addresses=[address],
            ),
            ["a.xml"],
        )
    assert refusal.value.code == "actes-email"


# What the State sent


@pytest.fixture
def samples(shared_data):
    return shared_data / "legality-accounting/actes"


def test_an_acknowledgement_of_the_ministry_is_read(samples):
    read = read_message((samples / "messages/006-210600235-20180522-684-AI-1-2_5279.xml").read_bytes())
    assert read == ActAcknowledged(
        ActIdentifier("006", "210600235", date(2018, 5, 22), "684", "AI"),
        date(2018, 5, 28),
        ReceivedAct(
            number="684",
            decided_on=date(2018, 5, 22),
            nature_code="3",
            matter_code="4.2",
            object="Contrat à durée déterminée - Jean Dupont",
            classification_on=date(2017, 4, 19),
            document="99_DE-006-210600235-20180522-684-AI-1-1_1.pdf",
            annexes=(),
        ),
        date(2017, 4, 19),
    )


def test_a_refusal_of_the_ministry_is_read_though_its_matter_skips_a_level(samples):
    read = read_message((samples / "messages/044-214400152----1-3_1.xml").read_bytes())
    assert isinstance(read, ActRefused)
    assert (read.nature, read.classification_on) == ("002", date(2018, 10, 10))
    assert read.detail.startswith("ODT-VERIF-01 : Votre acte a été transmis")
    assert (read.received.number, read.received.matter_code) == ("123456", "1.1.1.1")
    assert read.received.annexes == ("01_01-044-214400152-20181012-123456-DE-1-1_2.xml",)


def test_a_refused_envelope_is_read_though_its_nature_is_outside_the_schema(samples):
    read = read_message((samples / "messages/ANO_EACT--214400152--20180925-1.xml").read_bytes())
    assert isinstance(read, EnvelopeRefused)
    assert (read.nature, read.siren) == ("999", "214400152")
    assert read.messages == ("044-214400152-20180905-4365-DE-4365-DE_0.xml",)


def test_the_other_messages_of_the_ministry_are_read(samples):
    cancelled = read_message(
        (samples / "messages/044-214400152-20181106-TEST_DGCL_4-DE-6-2_10.xml").read_bytes()
    )
    assert cancelled == CancellationAcknowledged(
        ActIdentifier("044", "214400152", date(2018, 11, 6), "TEST_DGCL_4", "DE"), date(2018, 11, 28)
    )
    envelope = read_message((samples / "messages/EACT--SPREF0441-214400152-20181012-9.xml").read_bytes())
    assert envelope == ReceivedEnvelope("SPREF", "044", "214400152", ("044-214400152----1-3_1.xml",))


@pytest.mark.parametrize(
    ("name", "dated_on", "natures"),
    [
        ("999-1234----7-2_1.xml", date(2019, 4, 18), 6),
        ("classification-2017-12-08.xml", date(2017, 12, 8), 6),
        ("classification-megalis.xml", date(2017, 11, 13), 6),
    ],
)
def test_every_classification_is_read(samples, name, dated_on, natures):
    read = read_message((samples / "classification" / name).read_bytes())
    assert isinstance(read, ClassificationReturned)
    assert (read.dated_on, len(read.natures)) == (dated_on, natures)
    labels = {matter.code: matter.label for matter in read.matters}
    assert {"1.1", "7.1", "7.10"} <= labels.keys()
    assert "99_DE" in {piece.code for piece in read.piece_types["1"]}
    assert read.abbreviations["1"] == "DE"


def test_every_sample_is_read_or_refused_with_a_reason(samples):
    for file in sorted(samples.rglob("*.xml")):
        try:
            read_message(file.read_bytes())
        except Invalid as refusal:
            assert refusal.code == "actes-unknown-message", file.name
            assert file.name.endswith("1-1_0.xml"), "only our own message is not one of the State"


ACT_ID = 'actes:IDActe="021-212100077-20260312-DEL_2026_041-DE"'
LETTER_ON = f'{ACT_ID} actes:DateCourrierPref="2026-04-01"'
DOCUMENT = "<actes:Document><actes:NomFichier>lettre.pdf</actes:NomFichier></actes:Document>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            f"<actes:CourrierSimple {NAMESPACE} {LETTER_ON}>{DOCUMENT}</actes:CourrierSimple>",
            Letter("2-1", ACT, date(2026, 4, 1), "", ("lettre.pdf",)),
        ),
        (
            f"<actes:DemandePieceComplementaire {NAMESPACE} {LETTER_ON}>"
            f"<actes:DescriptionPieces>Le plan</actes:DescriptionPieces>{DOCUMENT}</actes:DemandePieceComplementaire>",
            Letter("3-1", ACT, date(2026, 4, 1), "Le plan", ("lettre.pdf",)),
        ),
        (
            f"<actes:LettreObservations {NAMESPACE} {LETTER_ON}><actes:Motif>Quorum</actes:Motif>{DOCUMENT}"
            "</actes:LettreObservations>",
            Letter("4-1", ACT, date(2026, 4, 1), "Quorum", ("lettre.pdf",)),
        ),
        (
            f'<actes:ARPieceComplementaire {NAMESPACE} actes:DateReception="2026-04-09">'
            f"<actes:InfosCourrierPref {LETTER_ON}/></actes:ARPieceComplementaire>",
            ReplyAcknowledged("3-5", ACT, date(2026, 4, 1), date(2026, 4, 9)),
        ),
        (
            f"<actes:DefereTA {NAMESPACE} {ACT_ID}><actes:DateDepot>2026-05-02</actes:DateDepot>"
            "<actes:NatureIllegalite>Incompétence</actes:NatureIllegalite><actes:PiecesJointes/></actes:DefereTA>",
            Referred(ACT, date(2026, 5, 2), "Incompétence", ()),
        ),
        (
            f"<actes:ReponseClassificationSansChangement {NAMESPACE}>"
            "<actes:DateClassification>2019-04-18</actes:DateClassification>"
            "</actes:ReponseClassificationSansChangement>",
            ClassificationUnchanged(date(2019, 4, 18)),
        ),
    ],
)
def test_letters_and_short_answers_are_read(body, expected, valid):
    valid(body.encode())
    assert read_message(body.encode()) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml-malformed"),
        (b"<a", "xml-malformed"),
        (b"<a/>", "actes-unknown-message"),
        (b"<ARActe/>", "actes-unknown-message"),
        (f"<actes:ARActe {NAMESPACE}/>".encode(), "actes-incomplete"),
        (
            f'<actes:ARAnnulation {NAMESPACE} actes:IDActe="x" actes:DateReception="2026-01-01"/>'.encode(),
            "act-identifier",
        ),
        (
            f'<actes:ARAnnulation {NAMESPACE} {ACT_ID} actes:DateReception="2026-02-30"/>'.encode(),
            "actes-date",
        ),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', "xml-document-type"),
        (b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>', "xml-document-type"),
        (b"<a>" * 300 + b"</a>" * 300, "xml-malformed"),
        (b"x" * (8 * 1024 * 1024 + 1), "xml-too-large"),
    ],
)
def test_what_is_no_message_is_refused_with_its_reason(data, code):
    with pytest.raises(Invalid) as refusal:
        read_message(data)
    assert refusal.value.code == code


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_otherwise(data):
    with pytest.raises(Invalid):
        read_message(data)
