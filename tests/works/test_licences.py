"""Licences are read from what files and packages say, and weighed as SPDX means them."""

from pathlib import Path

import pytest

from guardrails.works.code.licences import allowed, declared, detected, spdx, stated

PERMISSIVE = ["MIT", "Apache-2.0"]
OURS = (Path(__file__).parents[2] / "LICENSE").read_text()
MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions: The above copyright notice and this
permission notice shall be included in all copies or substantial portions of the Software. THE
SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.
IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


@pytest.mark.parametrize(
    ("licence", "among", "is_allowed"),
    [
        ("MIT", PERMISSIVE, True),
        ("mit", PERMISSIVE, True),
        ("GPL-3.0-only", PERMISSIVE, False),
        ("MIT OR GPL-3.0-only", PERMISSIVE, True),  # one may choose
        ("MIT AND GPL-3.0-only", PERMISSIVE, False),  # both hold
        ("MIT AND Apache-2.0", PERMISSIVE, True),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", PERMISSIVE, False),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", [*PERMISSIVE, "BSD-3-Clause"], True),
        ("Apache-2.0 WITH LLVM-exception", PERMISSIVE, True),  # it permits more
        ("GPL-2.0-only WITH Classpath-exception-2.0", PERMISSIVE, False),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            ["GPL-2.0-only WITH Classpath-exception-2.0"],
            True,
        ),
        ("GPL-2.0-only", ["GPL-2.0-only WITH Classpath-exception-2.0"], False),  # it has not
        ("GPL-3.0-or-later", ["GPL-3.0-only"], True),
        ("GPL-2.0+", ["GPL-2.0-or-later"], True),
        ("GPL-2.0-only", ["GPL-3.0-only"], False),
        ("LicenseRef-Ours", ["LicenseRef-Ours"], True),
        ("MIT OR LicenseRef-Theirs", PERMISSIVE, True),
        ("MIT AND LicenseRef-Theirs", PERMISSIVE, False),
        ("Contract of May 2024", ["contract of May 2024"], True),  # terms in words
        ("Contract of May 2024", PERMISSIVE, False),
        ("MIT (but ask first)", PERMISSIVE, False),
        ("", PERMISSIVE, False),
        ("", [""], False),
        ("MIT OR", PERMISSIVE, False),
        ("MIT", [], False),
    ],
)
def test_a_licence_is_allowed_as_spdx_means_it(licence, among, is_allowed):
    assert allowed(licence, among) is is_allowed


@pytest.mark.parametrize(
    ("source", "licence"),
    [
        ("# SPDX-License-Identifier: MIT\nx = 1", "MIT"),
        ("/* SPDX-License-Identifier: (GPL-2.0 OR MIT) */", "GPL-2.0-only OR MIT"),
        (
            "// SPDX-License-Identifier: apache-2.0 WITH llvm-exception",
            "Apache-2.0 WITH LLVM-exception",
        ),
        ("<!-- spdx-license-identifier: MIT -->", "MIT"),
        ("# SPDX-License-Identifier: MIT\n# SPDX-License-Identifier: ISC", "MIT AND ISC"),
        ("# SPDX-License-Identifier: Whatever", ""),
        ("x = 1", ""),
    ],
)
def test_a_file_says_its_licence(source, licence):
    assert declared(source) == licence


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (OURS, "Apache-2.0"),
        (f"Copyright (c) 2020 Ada Byron\n\n{MIT}", "MIT"),
        (f"{OURS}\n\n{MIT}", "Apache-2.0 AND MIT"),
        ("SPDX-License-Identifier: ISC", "ISC"),
        ("All rights reserved.", ""),
        ("", ""),
    ],
)
def test_a_text_is_known_as_a_licence(text, licence):
    assert detected(text) == licence


@pytest.mark.parametrize(
    ("name", "text", "licence"),
    [
        ("a/pyproject.toml", '[project]\nlicense = "MIT OR Apache-2.0"', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[project]\nlicense = {text = "Apache 2.0"}', "Apache-2.0"),
        (
            "pyproject.toml",
            '[project]\nclassifiers = ["License :: OSI Approved :: MIT License"]',
            "MIT",
        ),
        ("Cargo.toml", '[package]\nlicense = "MIT/Apache-2.0"', "MIT OR Apache-2.0"),
        ("package.json", '{"license": "ISC"}', "ISC"),
        ("package.json", '{"license": {"type": "MIT"}}', "MIT"),
        ("package.json", '{"license": "UNLICENSED"}', ""),  # not the Unlicense
        ("package.json", '{"license": "SEE LICENSE IN terms.txt"}', ""),
        ("METADATA", "Name: a\nLicense: BSD\nLicense-Expression: BSD-3-Clause\n", "BSD-3-Clause"),
        ("PKG-INFO", "License: BSD\n", ""),  # which one?
        ("package.json", "[1", ""),
        ("package.json", "[1]", ""),
        ("notes.txt", '{"license": "MIT"}', ""),
    ],
)
def test_a_package_says_its_licence(name, text, licence):
    assert stated(name, text) == licence


def test_identifiers_are_spelt_as_the_list_spells_them():
    assert spdx("mit or gpl-2.0+") == "MIT OR GPL-2.0-or-later"
    assert not spdx("BSD")


def test_licences_of_real_packages_are_known():
    common = Path("/usr/share/common-licenses")
    if not common.exists():
        pytest.skip("this system keeps no licences")
    assert detected((common / "GPL-3").read_text()).startswith("GPL-3.0")
    assert detected((common / "Artistic").read_text())
