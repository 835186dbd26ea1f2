"""How long a notice takes to be judged, once its rules are compiled, beside Debian's libsaxon on the same stylesheet.

    .venv/bin/python benchmarks/eforms.py [--sdk FOLDER] [--times 50]

Promise: one notice is judged by the official schema and all the rules of its subtype in under 100 ms once warm. Peer:
``java -cp saxon.jar net.sf.saxon.Transform -repeat:N``, Debian's libsaxonhe-java or libsaxonb-java, which runs the same
stylesheet over the same notice in the same run; without it the peer is left out, and said so.
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
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from territoires.services.procurement.domain.notices import schematron  # noqa: E402
from territoires.services.procurement.domain.notices.judging import Judge  # noqa: E402

PROMISE_MS = 100
SCHEMAS = {
    "ContractNotice": "UBL-ContractNotice-2.3.xsd",
    "ContractAwardNotice": "UBL-ContractAwardNotice-2.3.xsd",
    "PriorInformationNotice": "UBL-PriorInformationNotice-2.3.xsd",
}
NOTICES = (("cn_24_minimal", "16"), ("cn_24_maximal", "16"), ("can_24_FRA_comments", "29"))
JARS = ("/usr/share/java/Saxon-HE.jar", "/usr/share/java/saxonb.jar")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sdk", type=Path, default=ROOT.parent / "shared/data/procurement/eforms")
    parser.add_argument("--times", type=int, default=50)
    given = parser.parse_args()
    if not given.sdk.is_dir():
        sys.exit(f"{given.sdk} is absent: give the eForms SDK with --sdk")
    with tempfile.TemporaryDirectory() as folder:
        rules = unpacked(given.sdk, Path(folder))
        judge = Judge(
            "benchmark",
            lambda name: (rules / name).read_bytes(),
            lambda name: etree.XMLSchema(file=str(given.sdk / "schemas/maindoc" / SCHEMAS[name])),
        )
        slowest = 0.0
        for name, subtype in NOTICES:
            slowest = max(
                slowest, measure(judge, given.sdk / "examples" / f"{name}.xml", subtype, given.times)
            )
        beside(rules, given.sdk / "examples" / "cn_24_maximal.xml", Path(folder), given.times)
    print(f"promise: median under {PROMISE_MS} ms: {'held' if slowest < PROMISE_MS else 'BROKEN'}")


def unpacked(sdk: Path, folder: Path) -> Path:
    if (sdk / "schematrons/static").is_dir():
        return sdk / "schematrons/static"
    (archive,) = sdk.glob("eforms-schematrons-static-*.tar.xz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / "schematrons/static"


def measure(judge: Judge, notice: Path, subtype: str, times: int) -> float:
    """The median of judging, in milliseconds, schema included."""
    content = notice.read_bytes()
    begun = time.perf_counter()
    judge.judge(content)
    cold = time.perf_counter() - begun
    taken, worked = [], time.process_time()
    for _ in range(times):
        begun = time.perf_counter()
        judge.judge(content)
        taken.append((time.perf_counter() - begun) * 1000)
    worked = (time.process_time() - worked) * 1000 / times
    taken.sort()
    median = statistics.median(taken)
    print(
        f"{notice.stem} ({len(content) // 1024} KiB, type {subtype}): first {cold:.1f} s,"
        f" then median {median:.1f} ms, p95 {taken[int(0.95 * len(taken))]:.1f} ms,"
        f" of which the processor {worked:.1f} ms, over {times}"
    )
    return median


def beside(rules: Path, notice: Path, folder: Path, times: int) -> None:
    """The same stylesheet over the same notice, by the Saxon of Debian."""
    jar = next((one for one in JARS if Path(one).exists()), None)
    if jar is None or shutil.which("java") is None:
        print("peer: Debian's libsaxon is not installed, it was not measured")
        return
    read = schematron.read_rules(lambda name: (rules / name).read_bytes())
    sheet = folder / "rules.xsl"
    names = schematron.patterns_of(read, "eforms-16")
    sheet.write_bytes(schematron.compile_patterns(read, names, lambda name: (rules / name).read_bytes()))
    command = ["java", "-cp", jar, "net.sf.saxon.Transform", f"-repeat:{times}", "-t", f"-s:{notice}", f"-xsl:{sheet}", "-o:/dev/null"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    each = [float(one) for one in re.findall(r"Execution time: ([0-9.]+)\s*ms", done.stderr)]
    if not each:
        said = done.stderr.strip().splitlines()
        print(f"peer: {Path(jar).name} cannot run these rules: {said[-1] if said else done.returncode}")
        return
    print(
        f"peer: {Path(jar).name} on {notice.stem}, rules alone without the schema:"
        f" median {statistics.median(each[len(each) // 2 :]):.1f} ms once warm"
    )


if __name__ == "__main__":
    main()
