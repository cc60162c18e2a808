"""`python -m tests.benchmarks [NAME]`: measure all, or what begins with NAME; print a table, write bench.json.

Exit status 1 when a bound doesn't hold or a part could not be measured.
"""

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from backend.core.config import Config
from tests.benchmarks import checking, codes, evidence, memory, overload, proving, reading, rejudging, rosters
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.setting import Setting, embedded

PARTS: dict[str, Callable[[Setting], Iterator[Figure]]] = {
    "healthcode.display": codes.measure_display,
    "healthcode.scan": codes.measure_scan,
    "healthcode.overload": overload.measure_overload,
    "healthcode.verify_python": reading.measure_python,
    "healthcode.verify_page": reading.measure_page,
    "healthcode.rejudge": rejudging.measure_rejudge,
    "healthcode.location_check": checking.measure_location,
    "transfers.import": rosters.measure_import,
    "transfers.roster_page": rosters.measure_page,
    "evidence.record": evidence.measure_record,
    "evidence.visible": evidence.measure_visible,
    "evidence.sequence": evidence.measure_sequence,
    "evidence.proof": proving.measure_proof,
    "evidence.verify": proving.measure_verify,
    "local.memory": memory.measure_idle,
}


def main(only: str = "") -> int:
    chosen = {name: measure for name, measure in PARTS.items() if name.startswith(only)}
    if not chosen:
        sys.stderr.write(f"Nothing begins with {only!r}. There are: {', '.join(PARTS)}\n")
        return 2
    figures: list[Figure] = []
    failed = []
    with embedded() as setting:
        for name, measure in chosen.items():
            sys.stderr.write(f"{time.strftime('%H:%M:%S')}  measuring {name} …\n")
            try:
                figures += measure(setting)
            except Exception:  # noqa: BLE001 - the other parts can still be measured
                traceback.print_exc()
                failed.append(name)
    _report(figures, failed)
    return 1 if failed or not all(figure.holds for figure in figures) else 0


def _report(figures: list[Figure], failed: list[str]) -> None:
    file = Config().data_dir / "bench.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([figure.to_json() for figure in figures], indent=1) + "\n", encoding="utf-8")
    broken = [figure.name for figure in figures if not figure.holds]
    lines = ["", table(figures), ""]
    if broken:
        lines.append(f"Bounds that don't hold: {', '.join(broken)}")
    if failed:
        lines.append(f"Not measured: {', '.join(failed)}")
    print("\n".join([*lines, f"Written to {file}"]))  # noqa: T201 - the table is what this program is for


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
