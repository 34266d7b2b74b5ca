"""`python -m benchmarks [--json OUT] [--plot OUT.svg] [NAME...]`: run them and print one table.

All are run when no name is given but those that install a peer first or build a large index.
`python -m benchmarks soak` is another command, with options of its own.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmarks import (
    admission,
    chart,
    doors,
    engine,
    floors,
    keywords,
    marks_pictures,
    models,
    observing,
    overload,
    peers,
    pii,
    sidecar,
    soak,
    whole,
    workers,
    works_code,
    works_pictures,
    works_text,
)
from benchmarks.measure import Row

BY_DEFAULT = ("engine", "keywords", "models", "floors", "sidecar", "whole")
ONLY_BY_NAME = (
    *("pii", "peers", "works_text", "works_code", "works_pictures", "marks_pictures", "doors"),
    *("admission", "overload", "workers"),
    "observing",
)
NAMES = (*BY_DEFAULT, *ONLY_BY_NAME)


def main() -> int:
    """Run what was asked for; exit 1 when a promise was not kept."""
    if sys.argv[1:2] == ["soak"]:
        return soak.main(sys.argv[2:])
    arguments = _arguments()
    benchmarks = _benchmarks(arguments)
    rows = []
    for name in arguments.names or BY_DEFAULT:
        for row in benchmarks[name]():
            rows.append(row)
            promise = "" if row.limit is None else f"  promised <= {row.limit:g}"
            print(f"{row.benchmark:9} {row.case:58} {row.figure:10.2f} {row.unit}{promise}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    if arguments.plot:
        arguments.plot.write_text(chart.render(rows, "time to a verdict, p50"))
    broken = [row.case for row in rows if not row.kept(arguments.margin)]
    if broken:
        print("not kept:", "; ".join(broken))
    return 1 if broken else 0


def _benchmarks(arguments: argparse.Namespace) -> Mapping[str, Callable[[], Sequence[Row]]]:
    return {
        "doors": doors.run,
        "engine": engine.run,
        "keywords": keywords.run,
        "models": partial(models.run, arguments.models),
        "floors": floors.run,
        "sidecar": sidecar.run,
        "workers": workers.run,
        "whole": whole.run,
        "pii": partial(pii.run, arguments.peers),
        "peers": partial(peers.run, arguments.models, arguments.peers),
        "works_text": works_text.run,
        "works_code": works_code.run,
        "works_pictures": works_pictures.run,
        "marks_pictures": partial(marks_pictures.run, arguments.peers),
        "admission": admission.run,
        "overload": overload.run,
        "observing": observing.run,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", type=Path, metavar="OUT")
    parser.add_argument(
        "--margin",
        type=float,
        default=1.0,
        help="by which a promise may be missed before it counts as broken, 1.3 for a third",
    )
    parser.add_argument("--plot", type=Path, metavar="OUT.svg", help="times by callers, of 'whole'")
    parser.add_argument(
        "--models",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="look for models here first",
    )
    parser.add_argument(
        "--peers",
        type=Path,
        default=Path(".peers"),
        metavar="DIR",
        help="where peers are installed",
    )
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in NAMES:
            parser.error(f"unknown benchmark '{name}', there are {', '.join(NAMES)}")
    return arguments


if __name__ == "__main__":
    raise SystemExit(main())
