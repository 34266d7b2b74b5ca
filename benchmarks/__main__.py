"""`python -m benchmarks [--json OUT] [NAME...]`: run them and print one table."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import engine, keywords, models, sidecar

BENCHMARKS = {"engine": engine, "keywords": keywords, "models": models, "sidecar": sidecar}


def main() -> int:
    """Run what was asked for; exit 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.names or BENCHMARKS:
        for row in BENCHMARKS[name].run():
            rows.append(row)
            promise = "" if row.limit is None else f"  promised <= {row.limit:g}"
            print(f"{row.benchmark:9} {row.case:58} {row.figure:10.2f} {row.unit}{promise}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    broken = [row.case for row in rows if not row.kept]
    if broken:
        print("not kept:", "; ".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
