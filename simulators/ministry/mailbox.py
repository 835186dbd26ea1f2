"""The mailbox that the platform polls: the part of IMAP4rev1 (RFC 3501) over TLS that its readers speak.

One user, one folder. Known: CAPABILITY, NOOP, LOGIN, LOGOUT, LIST, SELECT, EXAMINE, CLOSE, CHECK, SEARCH, FETCH,
STORE, EXPUNGE, their UID forms and UID EXPUNGE (RFC 4315). Literals from the client are refused, APPEND with them.
"""

from __future__ import annotations

import hmac
import re
import socketserver
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from ..store import Store

LONGEST_LINE = 64 * 1024
FOLDER = "INBOX"
CAPABILITIES = "IMAP4rev1 UIDPLUS"
UID_VALIDITY = 1
_ATOM = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s"]+)')
_BODY = re.compile(r"BODY(?:\.PEEK)?\[(HEADER)?\](?:<(\d+)\.(\d+)>)?")
_ITEM = re.compile(r"BODY(?:\.PEEK)?\[[A-Z]*\](?:<\d+\.\d+>)?|[A-Z0-9.]+")


class Refused(Exception):
    """The command is not done: ``NO`` or ``BAD``, and why."""


@dataclass(slots=True)
class Entry:
    """A mail as a session sees it; its bytes are read when they are asked for."""

    uid: int
    size: int
    arrived_at: float
    is_seen: bool
    is_deleted: bool

    @property
    def flags(self) -> str:
        return " ".join([*([r"\Seen"] if self.is_seen else []), *([r"\Deleted"] if self.is_deleted else [])])


def put(database: sqlite3.Connection, mail: bytes) -> None:
    """Adds a mail to the mailbox, inside the caller's transaction."""
    database.execute("INSERT INTO mails (mail, arrived_at) VALUES (?, ?)", [mail, time.time()])


def counter(store: Store, user: str, password: str) -> type[socketserver.BaseRequestHandler]:
    """The handler of sessions for that user."""

    class Session(Conversation):
        pass

    Session.store, Session.user, Session.password = store, user, password
    return Session


class Conversation(socketserver.StreamRequestHandler):
    """One visitor. The list of mails is taken when the folder is opened, and again at NOOP: numbers hold in between."""

    disable_nagle_algorithm = True
    store: Store
    user: str
    password: str

    def setup(self) -> None:
        super().setup()
        self.is_in = False
        self.entries: list[Entry] | None = None
        self.is_read_only = False

    def handle(self) -> None:
        self._say(f"* OK [CAPABILITY {CAPABILITIES}] ACTES")
        while line := self.rfile.readline(LONGEST_LINE):
            if not line.endswith(b"\n"):
                self._say("* BYE line too long")
                return
            words = [
                quoted.replace(b'\\"', b'"').replace(b"\\\\", b"\\") or atom
                for quoted, atom in _ATOM.findall(line)
            ]
            if len(words) < 2:
                self._say("* BAD empty")
                continue
            tag, command = words[0].decode("latin-1"), words[1].decode("latin-1").upper()
            arguments = [word.decode("utf-8", "replace") for word in words[2:]]
            self._say(f"{tag} {self._done(command, arguments)}")
            if command == "LOGOUT":
                return

    def _done(self, command: str, arguments: list[str]) -> str:
        try:
            self._perform(command, arguments)
        except Refused as refused:
            return str(refused)
        if command in ("SELECT", "EXAMINE"):
            return f"OK [{'READ-ONLY' if self.is_read_only else 'READ-WRITE'}] {command}"
        return f"OK {command}"

    def _perform(self, command: str, arguments: list[str]) -> None:
        anywhere: dict[str, Callable[[list[str]], None]] = {
            "CAPABILITY": lambda _arguments: self._say(f"* CAPABILITY {CAPABILITIES}"),
            "NOOP": lambda _arguments: self._refresh(),
            "LOGIN": self._login,
            "LOGOUT": lambda _arguments: self._say("* BYE"),
        }
        inside: dict[str, Callable[[list[str]], None]] = {
            "LIST": lambda _arguments: self._say(rf'* LIST (\HasNoChildren) "/" "{FOLDER}"'),
            "SELECT": self._select,
            "EXAMINE": self._examine,
        }
        opened: dict[str, Callable[[list[str]], None]] = {
            "CHECK": lambda _arguments: self._refresh(),
            "CLOSE": self._close,
            "SEARCH": lambda rest: self._search(rest, by_uid=False),
            "FETCH": lambda rest: self._fetch(rest, by_uid=False),
            "STORE": lambda rest: self._store(rest, by_uid=False),
            "EXPUNGE": lambda _arguments: self._expunge(None),
            "UID": self._by_uid,
        }
        if command in anywhere:
            anywhere[command](arguments)
        elif command not in inside and command not in opened:
            raise Refused("BAD unknown command")
        elif not self.is_in:
            raise Refused("NO first LOGIN")
        elif command in inside:
            inside[command](arguments)
        elif self.entries is None:
            raise Refused("NO first SELECT")
        else:
            opened[command](arguments)

    def _by_uid(self, arguments: list[str]) -> None:
        command, rest = (arguments[0].upper() if arguments else ""), arguments[1:]
        if command == "SEARCH":
            self._search(rest, by_uid=True)
        elif command == "FETCH":
            self._fetch(rest, by_uid=True)
        elif command == "STORE":
            self._store(rest, by_uid=True)
        elif command == "EXPUNGE" and rest:
            self._expunge({entry.uid for _number, entry in self._chosen(rest[0], by_uid=True)})
        else:
            raise Refused("BAD unknown command")

    def _login(self, arguments: list[str]) -> None:
        if len(arguments) != 2:
            raise Refused("BAD LOGIN user password")
        given, expected = "\0".join(arguments), f"{self.user}\0{self.password}"
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Refused("NO [AUTHENTICATIONFAILED] wrong user or password")
        self.is_in = True

    def _select(self, arguments: list[str]) -> None:
        if [argument.upper() for argument in arguments] != [FOLDER]:
            self.entries = None
            raise Refused("NO [NONEXISTENT] no such folder")
        self.is_read_only = False
        self.entries = self._listed()
        self._say(r"* FLAGS (\Seen \Deleted)")
        self._say(f"* {len(self.entries)} EXISTS")
        self._say("* 0 RECENT")
        self._say(f"* OK [UIDVALIDITY {UID_VALIDITY}] valid")

    def _examine(self, arguments: list[str]) -> None:
        self._select(arguments)
        self.is_read_only = True

    def _refresh(self) -> None:
        """What was removed elsewhere keeps its number until the folder is opened again; what arrived is announced."""
        if self.entries is None:
            return
        known = {entry.uid for entry in self.entries}
        self.entries += [entry for entry in self._listed() if entry.uid not in known]
        if len(self.entries) > len(known):
            self._say(f"* {len(self.entries)} EXISTS")

    def _close(self, arguments: list[str]) -> None:
        if not self.is_read_only:
            self._remove(None)
        self.entries = None

    def _search(self, arguments: list[str], *, by_uid: bool) -> None:
        found = list(enumerate(self.entries or [], 1))
        keys = [word.upper() for word in arguments]
        if keys[:1] == ["CHARSET"]:
            keys = keys[2:]
        tests: dict[str, Callable[[Entry], bool]] = {
            "ALL": lambda entry: True,
            "UNSEEN": lambda entry: not entry.is_seen,
            "SEEN": lambda entry: entry.is_seen,
            "DELETED": lambda entry: entry.is_deleted,
            "UNDELETED": lambda entry: not entry.is_deleted,
        }
        while keys:
            key = keys.pop(0).strip("()")
            if key in tests:
                found = [(number, entry) for number, entry in found if tests[key](entry)]
            elif key == "UID" and keys:
                chosen = {entry.uid for _number, entry in self._chosen(keys.pop(0), by_uid=True)}
                found = [(number, entry) for number, entry in found if entry.uid in chosen]
            else:
                raise Refused(f"BAD search by {key or 'nothing'}")
        self._say(" ".join(["* SEARCH", *(str(entry.uid if by_uid else number) for number, entry in found)]))

    def _fetch(self, arguments: list[str], *, by_uid: bool) -> None:
        if len(arguments) < 2:
            raise Refused("BAD FETCH set items")
        items = _ITEM.findall(" ".join(arguments[1:]).upper())
        if by_uid and "UID" not in items:
            items.insert(0, "UID")
        for number, entry in self._chosen(arguments[0], by_uid=by_uid):
            mail = (
                self._mail(entry.uid) if any(item.startswith(("BODY", "RFC822")) for item in items) else b""
            )
            if mail is None:
                continue  # removed meanwhile by another session
            marks_as_read = any(item == "RFC822" or item.startswith("BODY[") for item in items)
            if marks_as_read and not entry.is_seen:
                self._flag(entry, is_seen=True)
                items = [*items, *(["FLAGS"] if "FLAGS" not in items else [])]
            parts = [_part(item, entry, mail) for item in items]
            self._send(b"* %d FETCH (" % number + b" ".join(parts) + b")")

    def _store(self, arguments: list[str], *, by_uid: bool) -> None:
        if len(arguments) < 3:
            raise Refused("BAD STORE set flags")
        if self.is_read_only:
            raise Refused("NO the folder is open to read only")
        how, flags = arguments[1].upper(), " ".join(arguments[2:]).strip("()").upper().split()
        seen, deleted = r"\SEEN" in flags, r"\DELETED" in flags
        for number, entry in self._chosen(arguments[0], by_uid=by_uid):
            if how.startswith("+"):
                self._flag(entry, is_seen=entry.is_seen or seen, is_deleted=entry.is_deleted or deleted)
            elif how.startswith("-"):
                self._flag(
                    entry, is_seen=entry.is_seen and not seen, is_deleted=entry.is_deleted and not deleted
                )
            else:
                self._flag(entry, is_seen=seen, is_deleted=deleted)
            if not how.endswith(".SILENT"):
                uid = f"UID {entry.uid} " if by_uid else ""
                self._say(f"* {number} FETCH ({uid}FLAGS ({entry.flags}))")

    def _expunge(self, uids: set[int] | None) -> None:
        if self.is_read_only:
            raise Refused("NO the folder is open to read only")
        removed = self._remove(uids)
        entries = self.entries or []
        for number in range(len(entries), 0, -1):
            if entries[number - 1].uid in removed:
                del entries[number - 1]
                self._say(f"* {number} EXPUNGE")

    def _chosen(self, numbers: str, *, by_uid: bool) -> list[tuple[int, Entry]]:
        entries = list(enumerate(self.entries or [], 1))
        last = (entries[-1][1].uid if by_uid else len(entries)) if entries else 0
        wanted: list[range] = []
        for part in numbers.split(","):
            first, _colon, end = part.partition(":")
            ends = [last if text == "*" else int(text) for text in (first, end or first) if _is_number(text)]
            if len(ends) != 2:
                raise Refused("BAD set of numbers")
            wanted.append(range(min(ends), max(ends) + 1))
        return [
            (number, entry)
            for number, entry in entries
            if any((entry.uid if by_uid else number) in part for part in wanted)
        ]

    def _listed(self) -> list[Entry]:
        with self.store.transaction() as database:
            rows = database.execute(
                "SELECT uid, length(mail) AS size, arrived_at, is_seen, is_deleted FROM mails ORDER BY uid"
            )
            return [Entry(**row) for row in rows]

    def _mail(self, uid: int) -> bytes | None:
        with self.store.transaction() as database:
            found = database.execute("SELECT mail FROM mails WHERE uid = ?", [uid]).fetchone()
        return bytes(found["mail"]) if found else None

    def _flag(self, entry: Entry, *, is_seen: bool, is_deleted: bool | None = None) -> None:
        entry.is_seen = is_seen
        entry.is_deleted = entry.is_deleted if is_deleted is None else is_deleted
        if self.is_read_only:
            return
        with self.store.transaction() as database:
            database.execute(
                "UPDATE mails SET is_seen = ?, is_deleted = ? WHERE uid = ?",
                [entry.is_seen, entry.is_deleted, entry.uid],
            )

    def _remove(self, uids: set[int] | None) -> set[int]:
        """Takes the mails marked as deleted out of the mailbox, among ``uids`` or all."""
        marked = {entry.uid for entry in self.entries or [] if entry.is_deleted}
        leaving = marked if uids is None else marked & uids
        with self.store.transaction() as database:
            database.executemany("DELETE FROM mails WHERE uid = ?", [[uid] for uid in leaving])
        return leaving

    def _say(self, line: str) -> None:
        self._send(line.encode("utf-8"))

    def _send(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


def _part(item: str, entry: Entry, mail: bytes) -> bytes:
    """One item of an answer to FETCH."""
    plain = {
        "UID": f"UID {entry.uid}",
        "FLAGS": f"FLAGS ({entry.flags})",
        "RFC822.SIZE": f"RFC822.SIZE {entry.size}",
        "INTERNALDATE": f'INTERNALDATE "{_internal(entry.arrived_at)}"',
    }
    if item in plain:
        return plain[item].encode()
    head, _blank, _rest = mail.partition(b"\r\n\r\n")
    if item in ("RFC822", "RFC822.HEADER"):
        return _literal(item, mail if item == "RFC822" else head + b"\r\n\r\n")
    asked = _BODY.fullmatch(item)
    if asked is None:
        raise Refused(f"BAD fetch of {item}")
    content, label = (head + b"\r\n\r\n" if asked[1] else mail), f"BODY[{asked[1] or ''}]"
    if asked[2] is None:
        return _literal(label, content)
    start = int(asked[2])
    return _literal(f"{label}<{start}>", content[start : start + int(asked[3])])


def _literal(label: str, content: bytes) -> bytes:
    return f"{label} {{{len(content)}}}\r\n".encode() + content


def _internal(at: float) -> str:
    """The date form of IMAP: ``24-Nov-2026 17:00:00 +0000``."""
    day, month, year, clock = formatdate(at).split()[1:5]
    return f"{day}-{month}-{year} {clock} +0000"


def _is_number(text: str) -> bool:
    return text == "*" or (text.isascii() and text.isdecimal())
