"""What the ministry does wrong on demand, and what it keeps when it is killed."""

from __future__ import annotations

import itertools
import socketserver
import threading
from http.client import RemoteDisconnected
from pathlib import Path

import pytest
from lxml import etree

from tests.waiting import until

from .conftest import running
from .ministry import ACTES, OTHER_SIREN, SIREN, Act, Ministry, detail

numbers = (f"B_{number}" for number in itertools.count(1))


def test_an_anomaly_on_demand_is_the_next_envelopes_only(ministry: Ministry) -> None:
    ministry.order("/behaviours", anomaly="ODT-VERIF-01", nature="002")
    act = Act(next(numbers))
    _name, root = ministry.answer(ministry.act(act))
    assert detail(root).startswith("ODT-VERIF-01 : Votre acte")
    assert root.findtext(f"{ACTES}Nature") == "002"
    _name, root = ministry.answer(ministry.act(act))
    assert root.tag == f"{ACTES}ARActe"


def test_a_behaviour_chooses_its_act(ministry: Ministry) -> None:
    chosen = Act(next(numbers))
    ministry.order("/behaviours", number=chosen.number, siren=SIREN, anomaly="Un motif", whole=True)
    _name, root = ministry.answer(ministry.act(Act(next(numbers))))
    assert root.tag == f"{ACTES}ARActe"
    _name, root = ministry.answer(ministry.act(chosen))
    assert root.tag == f"{ACTES}AnomalieEnveloppe"
    assert detail(root) == "Un motif"


def test_copies_come_each_under_names_of_their_own(ministry: Ministry) -> None:
    ministry.order("/behaviours", copies=3)
    assert ministry.send(ministry.act(Act(next(numbers)))) == 200
    mails = ministry.mails(3)
    assert len({name for mail in mails for name in mail}) == 6
    assert len({mail[name] for mail in mails for name in mail if "-1-2_" in name}) == 1


def test_an_answer_goes_to_another_body(ministry: Ministry) -> None:
    ministry.order("/behaviours", recipient=OTHER_SIREN)
    act = Act(next(numbers))
    assert ministry.send(ministry.act(act)) == 200
    (mail,) = ministry.mails()
    (envelope,) = [name for name in mail if name.startswith("EACT--SPREF0213-")]
    root = etree.fromstring(mail[envelope])
    assert OTHER_SIREN in envelope
    assert root.find(f"{ACTES}Destinataire").values() == [OTHER_SIREN]
    assert any(name.startswith(act.identifier) for name in mail)


def test_an_answer_waits_until_it_is_let_go(ministry: Ministry) -> None:
    ministry.order("/behaviours", delay=3600)
    assert ministry.send(ministry.act(Act(next(numbers)))) == 200
    assert ministry.call("/")["waiting"] == 1
    ministry.order("/behaviours/clear")
    assert len(ministry.mails()) == 1


def test_accepted_and_never_answered(ministry: Ministry) -> None:
    act = Act(next(numbers))
    ministry.order("/behaviours", answer=False)
    assert ministry.send(ministry.act(act)) == 200
    assert ministry.verdict() == ("accepted", "")
    assert ministry.call("/")["waiting"] == 0
    _name, root = ministry.answer(ministry.act(act))
    assert "déjà existant" in detail(root)


def test_an_incident_keeps_nothing(ministry: Ministry) -> None:
    parcel = ministry.act(Act(next(numbers)))
    ministry.order("/behaviours", reception="error")
    assert ministry.send(parcel) == 500
    _name, root = ministry.answer(parcel)
    assert root.tag == f"{ACTES}ARActe"


def test_a_line_cut_after_the_bytes_has_kept_them(ministry: Ministry) -> None:
    act = Act(next(numbers))
    ministry.order("/behaviours", reception="cut")
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        ministry.send(ministry.act(act))
    (mail,) = ministry.mails()
    assert any(name.startswith(f"{act.identifier}-1-2_") for name in mail)


def test_silence_has_lost_them(ministry: Ministry) -> None:
    parcel = ministry.act(Act(next(numbers)))
    ministry.order("/behaviours", reception="lost")
    with pytest.raises(TimeoutError):
        ministry.post(parcel.name, parcel.bytes(), timeout=1)
    _name, root = ministry.answer(parcel)
    assert root.tag == f"{ACTES}ARActe"


def test_a_slow_door_answers_after_the_mail(ministry: Ministry) -> None:
    ministry.order("/behaviours", slow=2)
    parcel = ministry.act(Act(next(numbers)))
    statuses: list[int] = []
    visitor = threading.Thread(target=lambda: statuses.append(ministry.send(parcel)))
    visitor.start()
    ministry.mails()
    assert not statuses
    visitor.join()
    assert statuses == [200]


def test_files_come_packed_and_paper_is_announced(ministry: Ministry) -> None:
    ministry.order("/behaviours", packed=True, notice=True)
    assert ministry.send(ministry.act(Act(next(numbers)))) == 200
    notice, answer = ministry.mails(2)
    assert notice == {}  # HTML alone
    (archive,) = answer
    assert archive.startswith("EACT--SPREF0213-") and archive.endswith(".tar.gz")


def test_the_success_status_is_a_setting(ministry: Ministry) -> None:
    ministry.order("/settings", success_status=202)
    assert ministry.send(ministry.act(Act(next(numbers)))) == 202
    ministry.mails()


def test_answers_go_by_smtp_and_wait_for_a_server_that_is_away(ministry: Ministry) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        Post.taken = []
        ministry.order("/settings", smtp=f"127.0.0.1:{server.server_address[1]}", mailbox=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        act = Act(next(numbers))
        assert ministry.send(ministry.act(act)) == 200
        until(lambda: Post.taken)
        server.shutdown()
    assert f"{act.identifier}-1-2_".encode() in Post.taken[0]
    assert ministry.send(ministry.act(Act(next(numbers)))) == 200  # nobody listens any more
    assert ministry.call("/")["waiting"] == 1
    ministry.order("/settings")
    ministry.order("/behaviours/clear")
    ministry.mails()


class Post(socketserver.StreamRequestHandler):
    """A mail server of ten lines."""

    taken: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 fine\r\n")


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/behaviours", b'{"reception": "rude"}', "reception is one of"),
        ("/behaviours", b'{"delay": -1}', "out of range"),
        ("/behaviours", b'{"delay": NaN}', "out of range"),
        ("/behaviours", b'{"answer": 0}', "not of type bool"),
        ("/behaviours", b'{"silence": true}', "unknown: silence"),
        ("/behaviours", b'{"anomaly": "x", "nature": "999"}', "nature is one of"),
        ("/behaviours", b"[]", "a JSON object"),
        ("/settings", b'{"smtp": "nowhere"}', "host:port"),
        ("/senders", b'{"siren": "212100077"}', "are expected"),
        ("/senders", b'{"siren":"212100078","department":"021","arrondissement":"3","nature":"31"}', "Luhn"),
        ("/classification", b'{"department": "021", "dated_on": "soon"}', "Invalid isoformat"),
        ("/letters", b'{"kind": "2-1", "act": "nobody"}', "no such act"),
        ("/letters", b'{"kind": "9-1"}', "kind is one of"),
    ],
)
def test_orders_that_mean_nothing_are_refused(ministry: Ministry, path: str, body: bytes, words: str) -> None:
    status, why = ministry.refused(path, body)
    assert status == 400
    assert words in why


def test_orders_come_from_no_page_of_another_origin(ministry: Ministry) -> None:
    assert ministry.refused("/behaviours/clear", b"{}", "text/plain")[0] == 415


def test_nothing_is_forgotten_by_a_ministry_that_is_killed(tmp_path: Path) -> None:
    act = Act("K_1")
    with running(tmp_path) as first:
        first.order("/behaviours", delay=3600)
        parcel = first.act(act)
        assert first.send(parcel) == 200
    with running(tmp_path) as second:
        assert second.call("/")["waiting"] == 1
        second.order("/behaviours/clear")
        (mail,) = second.mails()
        assert any(name.startswith(f"{act.identifier}-1-2_") for name in mail)
        _name, root = second.answer(parcel)
        assert "déjà été reçue" in detail(root)
