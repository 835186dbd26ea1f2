"""From a fresh clone to a working installation, with Python's standard library alone.

    python3 tools/bootstrap.py run        installs what is missing, then starts the platform
    python3 tools/bootstrap.py install    installs what it needs to run
    python3 tools/bootstrap.py develop    and what it needs to be tested
    python3 tools/bootstrap.py browser    and the browser that the tests drive

A step that was done is not done again: its stamp, beside the virtual environment, holds the digest of what
it read. Every package is checked against the digests in ``requirements/``. Settings of pip (index, certificates)
are honoured, since that is what an administrator configures.
"""

from __future__ import annotations

import base64
import configparser
import contextlib
import errno
import hashlib
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("TERRITOIRES_VENV", ROOT / ".venv"))
VAR = Path(os.environ.get("TERRITOIRES_VAR", ROOT / "var"))
PORT = os.environ.get("TERRITOIRES_PORT", "8000")
BIND = os.environ.get("TERRITOIRES_BIND", "127.0.0.1")
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
BUILT_PAGES = ROOT / "src" / "territoires" / "ui" / "static" / "ui" / "build" / "manifest.json"
PUBLIC_INDEX = "https://pypi.org/simple"
OLDEST_PYTHON = (3, 11)
FIRST_INSTALL_BYTES = 1_500_000_000
SPARE_BYTES = 100_000_000
# Less than this is a full disk, whatever a tool managed to say of it.
FULL_BYTES = 2_000_000
NETWORK_SECONDS = 60

# What the tools say, and what it means for whoever started us.
MEANINGS = [
    (
        r"No space left on device|ENOSPC|Disk quota exceeded",
        "The disk is full.",
        "Free at least 2 GB on it and start again.",
    ),
    (
        r"Read-only file system|EROFS|Permission denied|EACCES",
        "A folder cannot be written.",
        "Give your user the right to write here, or clone into a folder of yours.",
    ),
    (
        r"dns error|error sending request|[Cc]onnection refused|timed out|Failed to fetch|Could not connect"
        r"|tcp connect|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|Failed to establish|invalid peer cert"
        r"|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|unable to get local issuer"
        r"|Name or service not known|Temporary failure in name resolution|503 Service|502 Bad|HTTP status",
        "The package registry does not answer.",
        "Check the network; behind a proxy or a mirror set HTTPS_PROXY, PIP_INDEX_URL and PIP_CERT.",
    ),
    (
        r"hash mismatch|do not match the hashes|EINTEGRITY",
        "A package is not the one that was pinned.",
        "Do not go on: the registry or the mirror gave something else. Try another one.",
    ),
]


class Failure(Exception):
    """One sentence of what happened and one of what to do."""


def main(arguments: list[str]) -> int:
    wanted = arguments[0] if arguments else "run"
    goals = {"run": run, "install": install, "develop": develop, "browser": browser}
    try:
        if sys.version_info[:2] < OLDEST_PYTHON:
            raise Failure(
                f"Python {platform.python_version()} is too old: 3.11 or later is needed. Install it (on Debian 12: apt install python3.11)"
                " and run make PYTHON=python3.11 again."
            )
        if wanted not in goals:
            raise Failure("'{}' is no step. Choose one of: {}.".format(wanted, ", ".join(goals)))
        goals[wanted]()
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{_in_words(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what was done is kept.", file=sys.stderr)
        return 130
    return 0


def run() -> None:
    """Installs what is missing and becomes the supervisor."""
    _check_port()
    install()
    os.environ.update(TERRITOIRES_VAR=str(VAR.absolute()), TERRITOIRES_PORT=PORT, TERRITOIRES_BIND=BIND)
    sys.stdout.flush()
    os.execv(VENV / "bin" / "territoires", ["territoires", "run"])


def install() -> None:
    _check_folders()
    _step("Package installer (uv)", "uv", _digest(REQUIREMENTS / "bootstrap.txt"), _get_uv)
    locked = [REQUIREMENTS / "base.txt", REQUIREMENTS / "build.txt"]
    _step("Python packages", "packages", _digest(*locked), lambda: _get_packages(locked))
    _step("The platform itself", "project", _digest(ROOT / "pyproject.toml"), _get_project)
    _step("Pages", "pages", _digest(*_pages_sources()), _build_pages, there=BUILT_PAGES.exists())
    catalogues = sorted((ROOT / "src").glob("**/locale/*/LC_MESSAGES/*.po"))
    compiled = all(path.with_suffix(".mo").exists() for path in catalogues)
    _step("Translations", "translations", _digest(*catalogues), _compile_translations, there=compiled)


def develop() -> None:
    install()
    locked = [REQUIREMENTS / "dev.txt"]
    _step("Test tools", "develop", _digest(*locked), lambda: _get_packages(locked))


# What the tests run beside the platform; the trials of one that is missing are skipped, and say so. Chromium without
# windows of its own opens a page in a third of the processor time; the whole Chromium replaces it where it is alone.
TEST_TOOLS = {
    "chromium-headless-shell": "chromium-headless-shell",
    "xmllint": "libxml2-utils",
    "pdfsig": "poppler-utils",
    "openssl": "openssl",
}


def browser() -> None:
    """Debian's Chromium, and the tools that judge what we emit: installed when we may, otherwise the command is said."""
    develop()
    chosen = os.environ.get("TERRITOIRES_CHROMIUM")
    has_browser = bool(chosen or shutil.which("chromium-headless-shell") or shutil.which("chromium"))
    packages = [package for tool, package in TEST_TOOLS.items() if not shutil.which(tool)]
    packages += [] if has_browser else ["fonts-liberation"]
    if not packages:
        return
    command = f"apt-get install --no-install-recommends -y {' '.join(packages)}"
    may_install = os.geteuid() == 0 and shutil.which("apt-get")
    if not may_install and not has_browser:
        raise Failure(f"The tests drive a browser that is not there. Install it as root: {command}")
    if not may_install:
        print(f"  Some trials are skipped. To have them, install as root: {command}", flush=True)
        return
    _step("Chromium and test tools", None, "", lambda: _get_packages_of_debian(command, has_browser))


def _get_packages_of_debian(command: str, has_browser: bool) -> None:
    try:
        _call(["apt-get", "update", "-q"])
        _call(command.split(), DEBIAN_FRONTEND="noninteractive")
    except Failure as failure:
        if not has_browser:
            raise
        print(f"\n  Some trials are skipped: {failure}", flush=True)


# Steps


def _step(title, stamp, digest, work, there=True):
    """Does ``work`` unless its stamp says that it was done on the same input and its product is there."""
    mark = VENV / (f".territoires-{stamp}")
    if stamp and there and mark.exists() and mark.read_text() == digest:
        return
    print("  %-28s" % title, end="", flush=True)
    started = time.monotonic()
    work()
    if stamp:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(digest)
    print("%6.1f s" % (time.monotonic() - started), flush=True)


def _get_uv() -> None:
    """The pinned uv: fetched by pip where there is one, else from the index page; checked, then unzipped."""
    lock = (REQUIREMENTS / "bootstrap.txt").read_text()
    accepted = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", lock))
    version = re.search(r"^uv==(\S+)", lock, re.MULTILINE).group(1)
    with tempfile.TemporaryDirectory() as folder:
        wheel = _wheel_by_pip(Path(folder)) or _wheel_by_index(Path(folder), version, accepted)
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in accepted:
            raise Failure(
                "The package uv is not the one that was pinned. Do not go on: the registry or the mirror"
                " gave something else. Try another one (PIP_INDEX_URL)."
            )
        UV.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            program = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
            UV.unlink(missing_ok=True)
            UV.write_bytes(archive.read(program))
    UV.chmod(0o755)


def _wheel_by_pip(folder: Path):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "-r", str(REQUIREMENTS / "bootstrap.txt"), "-d", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    return next(folder.glob("*.whl"), None) if done.returncode == 0 else None


def _wheel_by_index(folder: Path, version: str, accepted: set):
    """Reads the index page (PEP 503) and takes the wheel of this machine whose digest is pinned."""
    index = _registry_settings().get("UV_DEFAULT_INDEX", PUBLIC_INDEX).rstrip("/") + "/uv/"
    page = _fetch(index).decode("utf-8", "replace")
    machine = platform.machine()
    for link, digest in re.findall(r'href="([^"#]+)#sha256=([0-9a-f]{64})"', page):
        name = urllib.parse.unquote(link.rsplit("/", 1)[1])
        ours = name.startswith(f"uv-{version}-") and name.endswith(f"_{machine}.whl")
        if ours and "manylinux" in name and digest in accepted:
            wheel = folder / name
            wheel.write_bytes(_fetch(urllib.parse.urljoin(index, link)))
            return wheel
    raise Failure(
        f"The package registry {_without_password(index)} has no uv {version} for this machine ({machine}). Use a registry that has it: PIP_INDEX_URL."
    )


def _get_packages(locked: list) -> None:
    if not PYTHON.exists():
        # the folder is there already, with uv in it
        _call([str(UV), "venv", "--allow-existing", "--quiet", "--python", sys.executable, str(VENV)])
    files = [part for path in locked for part in ("-r", str(path))]
    _call([str(UV), "pip", "install", "--python", str(PYTHON), "--require-hashes", *files])


def _get_project() -> None:
    _call(
        [
            str(UV),
            "pip",
            "install",
            "--python",
            str(PYTHON),
            "--no-deps",
            "--no-build-isolation",
            "-e",
            str(ROOT),
        ]
    )


def _pages_sources() -> list:
    ignored = {"node_modules", "dist"}
    return [p for p in sorted(FRONTEND.rglob("*")) if p.is_file() and not ignored & set(p.parts)]


def _build_pages() -> None:
    # a registry that does not answer is told within seconds, not after npm's minutes
    patience = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    _call(["npm", "ci", "--no-audit", "--no-fund", *patience], cwd=FRONTEND)
    _call(["npm", "run", "build"], cwd=FRONTEND)


def _compile_translations() -> None:
    _call([str(VENV / "bin" / "territoires"), "messages", "compile"])


def _call(command: list, cwd: Path = ROOT, **more: str) -> None:
    """Runs a tool with its output in a log; a failure is told in one sentence, with the log's address."""
    log = VAR / "log" / "install.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **_registry_settings(), "TERRITOIRES_VAR": str(VAR.absolute()), **more}
    environment["PATH"] = "{}{}{}".format(VENV / "bin", os.pathsep, environment.get("PATH", os.defpath))
    environment.pop("VIRTUAL_ENV", None)
    with log.open("ab") as output:
        start = output.tell()
        done = subprocess.run(command, cwd=str(cwd), env=environment, stdout=output, stderr=output)
    if done.returncode:
        said = log.read_bytes()[start:].decode("utf-8", "replace")
        if any(shutil.disk_usage(str(folder)).free < FULL_BYTES for folder in (log.parent, VENV)):
            said += os.strerror(errno.ENOSPC)  # the log is on that disk, too
        raise Failure(_meaning(said, command) + f" Details: {log.absolute()}")


def _meaning(said: str, command: list) -> str:
    for pattern, sentence, remedy in MEANINGS:
        if re.search(pattern, said):
            return f"{sentence} {remedy}"
    return "{} failed. Read the end of the log, put it right and start again.".format(
        " ".join([Path(command[0]).name, *command[1:3]])
    )


# Surroundings


def _check_port() -> None:
    """The port and, in a demonstration, the next one, which takes client certificates."""
    if not PORT.isdigit() or not 0 < int(PORT) < 65535:
        raise Failure(
            f"'{PORT}' is no port. Choose a number from 1 to 65534 (the next one serves too): make run PORT=8123."
        )
    other = "make run PORT=%d" % (8123 if PORT not in ("8122", "8123", "8124") else 8200)
    _check_free(
        int(PORT), f"Port {PORT} is taken by another program. Stop it, or choose another port: {other}."
    )
    if os.environ.get("TERRITOIRES_MODE") != "production":
        _check_free(
            int(PORT) + 1,
            f"Port {int(PORT) + 1}, which takes client certificates beside port {PORT}, is taken by another program."
            f" Stop it, or choose a port whose next one is free too: {other}.",
        )


def _check_free(port: int, taken: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in BIND else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((BIND, port))
        except PermissionError:
            raise Failure(
                f"Port {port} belongs to the system. Choose one above 1023: make run PORT=8123."
            ) from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise Failure(taken) from None


def _check_folders() -> None:
    """Writes where we shall write, so that a closed folder or a full disk is told before anything is done."""
    needed = SPARE_BYTES if (VENV / ".territoires-packages").exists() else FIRST_INSTALL_BYTES
    # what is written in VAR is nobody else's; a folder that was there keeps its permissions
    for folder, mode, size in ((VAR, 0o700, SPARE_BYTES), (VENV, 0o777, needed)):
        try:
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=str(folder)):
                pass
        except OSError as error:
            raise Failure(_in_words(error, folder)) from None
        free = shutil.disk_usage(str(folder)).free
        if free < size:
            raise Failure(
                "The disk that holds %s is full: %d MB are free, %d MB are needed. Free some space%s."
                % (
                    folder,
                    free // 10**6,
                    size // 10**6,
                    ", or choose another folder: make run VAR=/another/folder" if folder == VAR else "",
                )
            )


def _in_words(error: OSError, folder: Path | None = None) -> str:
    where = folder or error.filename or ROOT
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"The folder {where} cannot be written. Give your user the right to write there, or choose another"
            " folder: make run VAR=/another/folder."
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {where} is full. Free at least 2 GB and start again."
    return f"{where}: {error.strerror or error}. Put it right and start again."


def _registry_settings() -> dict:
    """What pip was told of registries and certificates, in the words of uv and node; theirs come first."""
    told = _pip_settings()
    found = {"UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    if told.get("index-url"):
        found["UV_DEFAULT_INDEX"] = told["index-url"]
    if told.get("extra-index-url"):
        # every version is pinned with its digest, so any index may give it
        found.update(
            UV_INDEX=" ".join(told["extra-index-url"].split()), UV_INDEX_STRATEGY="unsafe-best-match"
        )
    certificates = told.get("cert") or os.environ.get("REQUESTS_CA_BUNDLE")
    if certificates:
        found.update(SSL_CERT_FILE=certificates, NODE_EXTRA_CA_CERTS=certificates)
    return {name: value for name, value in found.items() if name not in os.environ}


def _pip_settings() -> dict:
    home = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    files = [Path("/etc/pip.conf"), Path.home() / ".pip" / "pip.conf", home / "pip" / "pip.conf"]
    if os.environ.get("PIP_CONFIG_FILE"):
        files.append(Path(os.environ["PIP_CONFIG_FILE"]))
    parser = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error, UnicodeDecodeError):
        parser.read(str(path) for path in files if os.access(str(path), os.R_OK))
    told = dict(parser.items("global")) if parser.has_section("global") else {}
    if parser.has_section("install"):
        told.update(parser.items("install"))
    for name in ("index-url", "extra-index-url", "cert"):
        told[name] = os.environ.get("PIP_" + name.upper().replace("-", "_")) or told.get(name, "")
    told["index-url"] = (
        os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL") or told["index-url"]
    )
    return told


def _fetch(address: str) -> bytes:
    import ssl

    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(_without_password(address), headers={"User-Agent": "territoires"})
    if parts.username:
        pair = "{}:{}".format(
            urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
        )
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    context = ssl.create_default_context()
    certificates = _registry_settings().get("SSL_CERT_FILE")
    try:
        if certificates:
            context.load_verify_locations(certificates)
    except OSError as error:
        raise Failure(
            f"The certificates {certificates} cannot be used ({error.strerror or error}). Correct PIP_CERT."
        ) from None
    try:
        with urllib.request.urlopen(request, timeout=NETWORK_SECONDS, context=context) as answer:
            return answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise Failure(
            f"The package registry {_without_password(address)} does not answer ({reason}). Check the network; behind a proxy or a mirror set"
            " HTTPS_PROXY, PIP_INDEX_URL and PIP_CERT."
        ) from None


def _without_password(address: str) -> str:
    parts = urllib.parse.urlsplit(address)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urllib.parse.urlunsplit((parts.scheme, host, parts.path, parts.query, ""))


def _digest(*paths: Path) -> str:
    digest = hashlib.sha256((f"{Path(sys.executable).resolve()} {platform.python_version()}").encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
