"""`guardrails bench`, as scripts call it."""

import json
import subprocess
import sys


def bench(*arguments):
    command = [sys.executable, "-m", "guardrails.cli", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own


def test_figures_are_printed_and_written(tmp_path):
    out = tmp_path / "out.json"

    done = bench("keywords", "--json", str(out))

    rows = json.loads(out.read_text())
    assert done.returncode in {0, 5}, done.stderr  # 5 where the machine was too slow for a promise
    assert all(row["case"] in done.stdout for row in rows)
    assert {"benchmark", "case", "figure", "unit", "limit"} == rows[0].keys()


def test_what_is_not_there_is_a_bad_argument():
    done = bench("nonsense")

    assert done.returncode == 2
    assert "unknown benchmark 'nonsense', there are engine, keywords" in done.stderr
