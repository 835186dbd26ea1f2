"""How long a notice takes to be judged, once its rules are compiled, beside Debian's libsaxon on the same stylesheet.

    .venv/bin/python -m benchmarks.eforms [--sdk FOLDER] [--times 50]

Promise: one notice is judged by the official schema and all the rules of its subtype in under 100 ms once warm. The
limit, in the same run: the notice read and judged by the schema alone. Peer, where it is installed: ``java -cp saxon.jar
net.sf.saxon.Transform -repeat:N``, Debian's libsaxonhe-java or libsaxonb-java, the same stylesheet over the same notice.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from benchmarks.report import ROOT, Row, report
from territoires.services.procurement.domain.notices import schematron
from territoires.services.procurement.domain.notices.judging import Judge

PROMISE_MS = 100
SCHEMAS = {
    "ContractNotice": "UBL-ContractNotice-2.3.xsd",
    "ContractAwardNotice": "UBL-ContractAwardNotice-2.3.xsd",
    "PriorInformationNotice": "UBL-PriorInformationNotice-2.3.xsd",
}
NOTICES = (("cn_24_minimal", "16"), ("cn_24_maximal", "16"), ("can_24_FRA_comments", "29"))
LARGEST = "cn_24_maximal"
JARS = ("/usr/share/java/Saxon-HE.jar", "/usr/share/java/saxonb.jar")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sdk", type=Path, default=ROOT.parent / "shared/data/procurement/eforms")
    parser.add_argument("--times", type=int, default=50)
    given = parser.parse_args()
    if not given.sdk.is_dir():
        sys.exit(f"{given.sdk} is absent: give the eForms SDK with --sdk")
    with tempfile.TemporaryDirectory() as folder:
        rules = unpacked(given.sdk, Path(folder))
        schemas = {
            name: etree.XMLSchema(file=str(given.sdk / "schemas/maindoc" / file))
            for name, file in SCHEMAS.items()
        }
        judge = Judge("benchmark", lambda name: (rules / name).read_bytes(), schemas.__getitem__)
        rows = []
        for name, subtype in NOTICES:
            notice = given.sdk / "examples" / f"{name}.xml"
            ours = milliseconds(lambda at=notice: judge.judge(at.read_bytes()), given.times)
            limit = milliseconds(lambda at=notice: by_schema_alone(at, schemas), given.times)
            size = notice.stat().st_size // 1024
            what = f"{name} ({size} KiB, type {subtype}) judged, median of {given.times}"
            rows.append(row(what, ours, limit, "schema alone, by lxml"))
            if name == LARGEST and (peer := beside(rules, notice, Path(folder), given.times)):
                rows.append(row(what, ours, *peer))
    return report("eforms", rows)


def row(what: str, ours: float, peer: float, name: str) -> Row:
    return Row(
        measure=what,
        ours=f"{ours:.1f} ms",
        peer=f"{peer:.1f} ms ({name})",
        ratio=f"{ours / peer:.1f}",
        target=f"< {PROMISE_MS} ms",
        verdict="ok" if ours < PROMISE_MS else "short",
    )


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The median, once warm."""
    work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def by_schema_alone(notice: Path, schemas: dict[str, etree.XMLSchema]) -> None:
    read = etree.fromstring(notice.read_bytes())
    schemas[etree.QName(read).localname].assertValid(read)


def unpacked(sdk: Path, folder: Path) -> Path:
    if (sdk / "schematrons/static").is_dir():
        return sdk / "schematrons/static"
    (archive,) = sdk.glob("eforms-schematrons-static-*.tar.xz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / "schematrons/static"


def beside(rules: Path, notice: Path, folder: Path, times: int) -> tuple[float, str] | None:
    """The same stylesheet over the same notice by the Saxon of Debian: its median in milliseconds once warm, its name."""
    jar = next((one for one in JARS if Path(one).exists()), None)
    if jar is None or shutil.which("java") is None:
        print("Debian's libsaxon is not installed, it was not measured", file=sys.stderr)
        return None
    read = schematron.read_rules(lambda name: (rules / name).read_bytes())
    sheet = folder / "rules.xsl"
    names = schematron.patterns_of(read, "eforms-16")
    sheet.write_bytes(schematron.compile_patterns(read, names, lambda name: (rules / name).read_bytes()))
    command = ["java", "-cp", jar, "net.sf.saxon.Transform", f"-repeat:{times}", "-t", f"-s:{notice}", f"-xsl:{sheet}", "-o:/dev/null"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    each = [float(one) for one in re.findall(r"Execution time: ([0-9.]+)\s*ms", done.stderr)]
    if not each:
        said = done.stderr.strip().splitlines()
        print(
            f"{Path(jar).name} cannot run these rules: {said[-1] if said else done.returncode}",
            file=sys.stderr,
        )
        return None
    return statistics.median(each[len(each) // 2 :]), f"{Path(jar).name}, rules alone"


if __name__ == "__main__":
    sys.exit(main())
