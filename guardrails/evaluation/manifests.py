"""Puts calibration tables into a copy of a model, beside the weights that they are true of."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from guardrails.core.errors import ModelError
from guardrails.evaluation.calibration import Table
from guardrails.models.manifest import MANIFEST, Manifest, read

Tables: TypeAlias = Mapping[str, Table]
"""By label."""

_HEADER = re.compile(r"\s*\[\[?\s*[A-Za-z_\"']")


def write(manifest: Manifest, tables: Tables, root: Path) -> Path:
    """Copy a model into a directory of models, with these tables; give its folder.

    A copy that is there is replaced. The manifest comes last: without it, half a copy is no model.

    Raises:
        ModelError: the tables cannot be put into its manifest.
    """
    source, folder = manifest.folder, root / manifest.name
    text = calibrated((source / MANIFEST).read_text(encoding="utf-8"), tables)
    folder.mkdir(parents=True, exist_ok=True)
    for file in manifest.files:
        if not _same(source / file, folder / file):
            shutil.copyfile(source / file, folder / f"{file}.partial")
            (folder / f"{file}.partial").replace(folder / file)
    partial = folder / f"{MANIFEST}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(folder / MANIFEST)
    read(folder)
    return folder


def calibrated(text: str, tables: Tables) -> str:
    """The text of a manifest with these tables in the place of any that it had for the labels.

    Raises:
        ModelError: its own tables are written in a way that cannot be replaced.
    """
    kept = "\n".join(_without(text.splitlines(), set(tables))).rstrip("\n")
    written = "\n\n".join([kept, *(_table(label, table) for label, table in tables.items())]) + "\n"
    _must_hold(written, tables)
    return written


def _table(label: str, table: Table) -> str:
    pairs = ", ".join(f"[{rate!r}, {threshold!r}]" for rate, threshold in table.pinned)
    return f"[calibration.{_key(label)}]\nfpr = [{pairs}]\nexamples = {table.examples}"


def _key(label: str) -> str:
    return label if re.fullmatch(r"[A-Za-z0-9_-]+", label) else json.dumps(label)


def _without(lines: list[str], labels: set[str]) -> Iterator[str]:
    headers = {f"[calibration.{key}]" for label in labels for key in (label, json.dumps(label))}
    inside = False
    for line in lines:
        if _HEADER.match(line):
            inside = line.partition("#")[0].replace(" ", "").strip() in headers
        if not inside:
            yield line


def _must_hold(text: str, tables: Tables) -> None:
    try:
        written = tomllib.loads(text).get("calibration", {})
    except tomllib.TOMLDecodeError:
        written = {}
    for label, table in tables.items():
        held = written.get(label, {}).get("fpr", [])
        if [tuple(pair) for pair in held] != list(table.pinned):
            raise ModelError(
                f"{MANIFEST}: its calibration of '{label}' cannot be replaced, "
                f"write it as a table [calibration.{_key(label)}]"
            )


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)
