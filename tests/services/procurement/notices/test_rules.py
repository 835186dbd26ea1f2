"""The compiler of rules, and the official rules on official samples."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from lxml import etree

from territoires.kernel.errors import Invalid
from territoires.services.procurement.domain.notices import judging, schematron
from territoires.services.procurement.domain.notices.judging import Judge

from .conftest import svrl_errors

NEWER_RULES = {
    "BR-BT-13713-0123",
    "BR-BT-01311-0158",
    "BR-BT-00630-0152",
    "BR-OPT-00322-0053",
}
"""Rules of 1.15.1 that are younger than the reports shipped with it; with them the ids that end with ``_MA``."""
SAMPLES = (
    "E1_minimal",
    "E3_minimal",
    "E4_minimal",
    "INVALID_cn_24_stage-2",
    "can-modif_24_value",
    "can_24_FRA_comments",
    "can_24_minimal",
    "can_24_no_tenders",
    "change-cn_24_open_dates",
    "cn-social_24",
    "cn_23",
    "cn_24_FRA_comments",
    "cn_24_maximal",
    "cn_24_minimal",
    "cn_24_open",
    "pin-only_24",
    "veat_24",
)

HEAD = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
<ns prefix="cn" uri="urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2"/>
<let name="kind" value="'16'"/>
<phase id="eforms-16"><active pattern="EFORMS-one"/></phase>
<diagnostics><diagnostic id="D1" see="field:BT-1-Lot">x</diagnostic></diagnostics>
<include href="one.sch"/></schema>"""
NOTICE = (
    '<cn:ContractNotice xmlns:cn="urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
    '<cbc:ID schemeName="Lot">LOT-0001</cbc:ID><cbc:Name>a</cbc:Name></cn:ContractNotice>'
)


FEW_RULES = {
    schematron.MAIN: '<schema xmlns="http://purl.oclc.org/dsdl/schematron">'
    + "".join(
        f'<phase id="eforms-{one}"><active pattern="EFORMS-all"/><active pattern="EFORMS-of-{one}"/></phase>'
        f'<include href="of-{one}.sch"/>'
        for one in (7, 8, 9)
    )
    + '<include href="all.sch"/></schema>'
} | {
    f"{name}.sch": f'<pattern id="EFORMS-{name}" xmlns="http://purl.oclc.org/dsdl/schematron"/>'
    for name in ("all", "of-7", "of-8", "of-9")
}
"""Three types of notices with a pattern of their own each, and one that they share."""


def broken(pattern: str, notice: str = NOTICE) -> list[str]:
    """The assertions of one pattern that a document breaks."""
    from saxonche import PySaxonProcessor

    files = {
        schematron.MAIN: HEAD,
        "one.sch": f'<pattern id="EFORMS-one" xmlns="http://purl.oclc.org/dsdl/schematron">{pattern}</pattern>',
    }

    def read(name: str) -> bytes:
        return files[name].encode()

    rules = schematron.read_rules(read)
    sheet = schematron.compile_patterns(rules, schematron.patterns_of(rules, "eforms-16"), read)
    with PySaxonProcessor(license=False) as processor:
        executable = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=sheet.decode())
        node = processor.parse_xml(xml_text=notice)
        executable.set_global_context_item(xdm_item=node)
        answer = etree.fromstring(executable.transform_to_string(xdm_node=node).encode())
    return [one.get("rule", "") for one in answer]


def test_the_first_rule_that_matches_judges_alone() -> None:
    said = broken(
        '<rule context="cbc:Name"><assert id="A" test="false()"/></rule>'
        '<rule context="*"><assert id="B" test="self::cn:ContractNotice or self::cbc:ID"/></rule>'
    )
    assert said == ["A"]


def test_attributes_are_visited_and_names_are_shared() -> None:
    said = broken(
        '<let name="ids" value="/*/cbc:ID"/>'
        '<rule context="cbc:ID/@schemeName"><assert id="C" test=". = \'Part\'"/></rule>'
        '<rule context="/*[$kind = \'16\']"><let name="n" value="count(cbc:Name)"/>'
        '<assert id="D" test="$n = 2"/><assert id="E" test="count($ids) = 1"/></rule>'
    )
    assert sorted(said) == ["C", "D"]


def test_what_an_assertion_asks_is_read_off_its_count() -> None:
    assert schematron._asks("count(cbc:Name) > 0") == "present"
    assert schematron._asks("count(a/b[c = (1)]) = 0 or not(d)") == "absent"
    assert schematron._asks("count(a) = 1") == ""
    assert schematron._asks("not(x)") == ""


def test_a_schema_that_does_not_hold_together_is_refused_in_words() -> None:
    with pytest.raises(Invalid) as unsound:
        schematron.read_rules(lambda name: b'<schema xmlns="http://purl.oclc.org/dsdl/schematron"/>')
    assert unsound.value.code == "notice-rules-unsound"
    rules = schematron.read_rules(lambda name: HEAD.encode())
    with pytest.raises(Invalid) as unknown:
        schematron.patterns_of(rules, "eforms-99")
    assert unknown.value.code == "notice-subtype-unknown"
    other = b'<pattern id="EFORMS-two" xmlns="http://purl.oclc.org/dsdl/schematron"/>'
    with pytest.raises(Invalid):
        schematron.compile_patterns(rules, ["EFORMS-one"], lambda name: other)


def test_entities_in_rules_and_notices_are_refused(judge: Judge) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(Invalid):
        schematron.read_rules(lambda name: bomb)
    with pytest.raises(Invalid):
        judge.judge(bomb)


@pytest.mark.parametrize("sample", SAMPLES)
def test_official_samples_are_judged_as_officially_reported(
    judge: Judge, shared_data: Path, sample: str
) -> None:
    """The reports are older than the newest rules: what they say is found, and nothing beyond it but those."""
    place = shared_data / "procurement/eforms/examples"
    found = {one.rule for one in judge.judge((place / f"{sample}.xml").read_bytes())}
    reported = svrl_errors(place / f"{sample}.svrl")
    assert reported <= found
    assert all(rule.endswith("_MA") or rule in NEWER_RULES for rule in found - reported)


@pytest.mark.parametrize("sample", ["INVALID_can_24_stage-2", "INVALID_cn_24_stage-1"])
def test_official_samples_made_wrong_are_refused(judge: Judge, shared_data: Path, sample: str) -> None:
    found = judge.judge((shared_data / f"procurement/eforms/examples/{sample}.xml").read_bytes())
    assert any(one.stops for one in found)


def test_the_schema_speaks_before_the_rules(judge: Judge, shared_data: Path) -> None:
    sound = (shared_data / "procurement/eforms/examples/cn_24_minimal.xml").read_bytes()
    (fault,) = judge.judge(sound.replace(b"cbc:VersionID", b"cbc:Version"))[:1]
    assert (fault.rule, fault.stage) == ("XSD", "schema")
    assert fault.stops and fault.detail


def test_several_threads_are_served_by_the_one_that_owns_the_rules(judge: Judge, shared_data: Path) -> None:
    sound = (shared_data / "procurement/eforms/examples/cn_24_minimal.xml").read_bytes()
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(len(judge.judge(sound)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [0, 0, 0, 0]


def test_a_pattern_is_compiled_once_for_all_and_the_ones_asked_for_last_stay(
    rules_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "MOST_COMPILED", 3)
    read: list[str] = []

    def reader(name: str) -> bytes:
        read.append(name)
        return FEW_RULES[name].encode()

    one = Judge("1.15.1", reader, lambda root: None)
    for subtype in ("7", "8", "7", "9"):
        one.warm(subtype)
    assert list(one._compiled) == ["EFORMS-of-7", "EFORMS-all", "EFORMS-of-9"]
    assert read == [schematron.MAIN, "all.sch", "of-7.sch", "of-8.sch", "of-9.sch"]
