"""Names of @ctes: written as the notice says, read back whole."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.kernel.errors import Invalid
from territoires.services.legality.domain.actes.names import (
    ActIdentifier,
    EnvelopeName,
    MessageName,
    classification_request_name,
    document_name,
    message_name,
)

ACT = ActIdentifier("006", "210600235", date(2018, 5, 22), "684", "AI")
identifiers = st.builds(
    ActIdentifier,
    st.sampled_from(["001", "02A", "971", "095"]),
    st.from_regex(r"[0-9]{9}", fullmatch=True),
    st.dates(date(1945, 1, 1), date(2999, 12, 31)),
    st.from_regex(r"[A-Z0-9_]{1,15}", fullmatch=True),
    st.sampled_from(["DE", "AR", "AI", "CC", "BF", "AU"]),
)


def test_an_identifier_reads_as_the_acknowledgement_returns_it():
    assert str(ACT) == "006-210600235-20180522-684-AI"


@given(identifiers)
def test_an_identifier_is_read_back_whole(act):
    assert ActIdentifier.parse(str(act)) == act


@given(identifiers)
def test_the_name_of_a_message_gives_back_its_act_and_its_kind(act):
    assert MessageName.parse(message_name(act, "6-1")) == MessageName("6-1", act.siren, act)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6-210600235-20180522-684-AI",
        "006-210600235-20180230-684-AI",
        "006-210600235-20180522-684-AI\n",
        "006-210600235-20180522-68é-AI",
        "006-210600235-20180522--AI",
        "006-21060023-20180522-684-AI",
    ],
)
def test_what_is_no_identifier_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        ActIdentifier.parse(text)
    assert refusal.value.code == "act-identifier"


def test_documents_bear_their_type_and_their_rank():
    assert (
        document_name("99_AI", ACT, "1-1", rank=1, extension="pdf")
        == "99_AI-006-210600235-20180522-684-AI-1-1_1.pdf"
    )


@pytest.mark.parametrize(
    ("name", "kind", "siren", "act"),
    [
        ("006-210600235-20180522-684-AI-1-2_5279.xml", "1-2", "210600235", ACT),
        ("044-214400152----1-3_1.xml", "1-3", "214400152", None),
        ("999-1234----7-2_1.xml", "7-2", "1234", None),
        (
            "044-214400152-20181106-TEST_DGCL_4-DE-6-2_10.xml",
            "6-2",
            "214400152",
            ActIdentifier("044", "214400152", date(2018, 11, 6), "TEST_DGCL_4", "DE"),
        ),
    ],
)
def test_names_that_the_ministry_gave_are_read(name, kind, siren, act):
    assert MessageName.parse(name) == MessageName(kind, siren, act)


def test_a_request_for_the_classification_names_no_act():
    assert classification_request_name("021", "212100077") == "021-212100077----7-1_0.xml"
    assert MessageName.parse("021-212100077----7-1_0.xml") == MessageName("7-1", "212100077", None)


@pytest.mark.parametrize(
    "name", ["../044-214400152----1-3_1.xml", "044-214400152----1-3_1.xml.exe", "a.xml", ""]
)
def test_other_names_are_no_message(name):
    assert MessageName.parse(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "EACT--210600730--20180115-1.xml",
        "TACT--212100077--20260101-120.xml",
        "EACT--SPREF0441-214400152-20181012-9.xml",
        "EACT--PREF021-212100077-20261231-3.xml",
    ],
)
def test_envelopes_are_read_back_whole(name):
    assert str(EnvelopeName.parse(name)) == name


def test_the_archive_and_the_anomaly_are_named_after_the_envelope():
    envelope = EnvelopeName("EACT", "210600730", date(2018, 1, 15), 1)
    assert envelope.archive("SIC") == "SIC-EACT--210600730--20180115-1.tar.gz"
    assert envelope.anomaly == "ANO_EACT--210600730--20180115-1.xml"


@pytest.mark.parametrize(
    "name", ["EACT--210600730-20180115-1.xml", "EACT--210600730--20181315-1.xml", "EACT.xml"]
)
def test_other_names_are_no_envelope(name):
    assert EnvelopeName.parse(name) is None
