"""Which licence code is under: what a file says, or its package, or which licence a text is."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from licenseclassifier import identify_license

from guardrails.works.code.expressions import allowed, spdx

__all__ = ["allowed", "declared", "detected", "spdx", "stated"]

_LINE = re.compile(r"SPDX-License-Identifier:[ \t]*([\w.+() \t-]+)", re.IGNORECASE)
_NO_LICENCE = {"none", "noassertion", "unlicensed", "unknown"}
_LONG = 200_000
"""Characters of a licence that are read: all that are in use are shorter."""


def declared(source: str) -> str:
    """Give what the lines `SPDX-License-Identifier:` of a file say; empty when it has none."""
    return _all(spdx(line.strip(" \t-")) for line in _LINE.findall(source))


def detected(text: str) -> str:
    """Give the licence whose text this is, or that it refers to; of several, all hold."""
    found = dict.fromkeys(spdx(one.id) for one in identify_license(text[:_LONG]))
    return _all(found) or declared(text)


def stated(name: str, text: str) -> str:
    """Give what a package says in a file of this name, such as pyproject.toml or package.json."""
    read = _PACKAGES.get(name.replace("\\", "/").rpartition("/")[2].lower())
    try:
        said = read(text) if read else ""
    except (ValueError, AttributeError, TypeError):  # not what its name says it is
        return ""
    said = re.sub(r"\s*/\s*", " OR ", said.strip())  # how crates used to write a choice
    return "" if said.lower() in _NO_LICENCE else spdx(_NAMES.get(said.lower(), said))


def _all(licences: Iterator[str] | Mapping[str, None]) -> str:
    """Join licences that hold together."""
    found = [licence for licence in dict.fromkeys(licences) if licence]
    if len(found) == 1:
        return found[0]
    return " AND ".join(f"({one})" if " OR " in one else one for one in found)


def _from_pyproject(text: str) -> str:
    project = tomllib.loads(text).get("project", {})
    said = project.get("license", "")
    if isinstance(said, Mapping):
        said = said.get("text", "")
    return str(said) or _classified(project.get("classifiers", ()))


def _from_cargo(text: str) -> str:
    return str(tomllib.loads(text).get("package", {}).get("license", ""))


def _from_json(text: str) -> str:
    said: Any = json.loads(text).get("license", "")
    if isinstance(said, list):
        return " AND ".join(map(str, said))
    return str(said.get("type", "") if isinstance(said, Mapping) else said)


def _from_metadata(text: str) -> str:
    fields = re.findall(r"^(License-Expression|License|Classifier): *(.+)$", text, re.MULTILINE)
    said = {key: value for key, value in reversed(fields) if key != "Classifier"}
    classified = _classified([value for key, value in fields if key == "Classifier"])
    return said.get("License-Expression") or classified or said.get("License", "")


def _classified(classifiers: Any) -> str:
    """Give the licence of the one classifier that names one."""
    named = [str(each).rpartition(" :: ")[2] for each in classifiers if "License ::" in str(each)]
    return named[0] if len(named) == 1 else ""


_PACKAGES: Mapping[str, Callable[[str], str]] = {
    "pyproject.toml": _from_pyproject,
    "cargo.toml": _from_cargo,
    "package.json": _from_json,
    "composer.json": _from_json,
    "metadata": _from_metadata,
    "pkg-info": _from_metadata,
}
_NAMES: Mapping[str, str] = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "simplified bsd license": "BSD-2-Clause",
    "isc license (iscl)": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
}
"""Names that packages used before there were identifiers; those that could be several are none."""
