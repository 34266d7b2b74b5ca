"""`guardrails works lookup`: whose a text, a piece of code or a picture is, and how much of it."""

import io
import json
import re
import sys
from pathlib import Path
from pydoc_data.topics import topics

import pytest
from PIL import Image, ImageOps

from guardrails.cli.main import main
from guardrails.cli.works.passages import marked
from guardrails.core.view import Span
from guardrails.works.text.words import words

ASTRONAUT = Path(__file__).parents[1] / "pictures" / "astronaut.jpg"
SOURCE = Path(re.__file__).read_text(encoding="utf-8")
TEXT = re.sub(r"\s+", " ", topics["execmodel"])


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of a chapter, of a module of Python and of a photograph."""
    folder = tmp_path_factory.mktemp("works")
    (folder / "rows.jsonl").write_text(
        "".join(
            json.dumps(row) + "\n"
            for row in (
                {"id": "t", "title": "Execution model", "owner": "PSF", "text": TEXT},
                {"id": "c", "title": "re.py", "licence": "PSF-2.0", "code": SOURCE},
                {"id": "p", "title": "Astronaut", "path": str(ASTRONAUT)},
            )
        )
    )
    where = str(folder / "store")
    source = str(folder / "rows.jsonl")
    assert main(["works", "import", source, "--store", where, "--collection", "c"]) == 0
    return where


@pytest.fixture
def lookup(store, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(subject, *options):
        capsys.readouterr()
        code = main(["works", "lookup", subject, *options, "--store", store, "--collection", "c"])
        return code, capsys.readouterr()

    return run


def test_a_passage_is_told_with_its_places_for_scripts(lookup):
    copied = TEXT.split(" ")[100:160]
    answer = f"As they say: {' '.join(copied)} and so on."
    code, printed = lookup(answer, "--json")
    (match,) = json.loads(printed.out)["matches"]

    assert code == 0
    assert (match["work"]["id"], match["work"]["owner"]) == ("t", "PSF")
    start, end = match["span"]
    assert answer[start:end] in " ".join(copied)
    assert match["matched_words"] == match["longest_run"] >= 55
    assert match["work_end"] - match["work_start"] + 1 == match["matched_words"]
    assert match["score"] > 0.9
    assert 0.8 < match["share"] <= 1


def test_a_person_sees_the_passage_with_what_was_changed(lookup):
    copied = TEXT.split(" ")[100:160]
    copied[30] = "BANANA"
    Path("answer.txt").write_text(" ".join(copied))
    code, printed = lookup("answer.txt")

    assert code == 0
    assert printed.out.startswith("'Execution model' by PSF (unknown)\n  id t, score ")
    assert re.search(
        r" of yours = words [\d,]+ to [\d,]+ of it: \d+ words equal, 1 changed", printed.out
    )
    assert "[BANANA]" in printed.out
    assert printed.out.endswith("\n1 match\n")


@pytest.mark.parametrize(
    ("mine", "theirs", "shown"),
    [
        ("one two three", "one two three", "one two three"),
        ("one TWO three", "one two three", "one TWO three"),
        ("one 2, three", "one two three", "one [2], three"),
        ("one or two three", "one two three", "one [or] two three"),
        ("one three", "one two three", "one [-] three"),
        ("one two", "one two three", "one two[-] "),
        ("a b one", "one", "[a b] one"),
    ],
)
def test_what_was_changed_is_marked(mine, theirs, shown):
    text = f"before {mine} after"
    where = Span(7, 7 + len(mine))
    assert marked(text, where, words(theirs).hashes) == shown


def test_renamed_code_is_found_with_its_lines(lookup):
    lines = SOURCE.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith("def template"))
    piece = "\n".join(lines[first - 30 : first + 30]).replace("pattern", "shape")
    Path("mine.py").write_text(piece)
    _, printed = lookup("mine.py", "--json")
    match = json.loads(printed.out)["matches"][0]

    assert (match["work"]["id"], match["work"]["licence"]) == ("c", "PSF-2.0")
    assert first - 31 <= match["work_start"] < match["work_end"] <= first + 32


def test_a_picture_is_found_with_its_region(lookup):
    with Image.open(ASTRONAUT) as original:
        width, height = original.size
        part = original.convert("RGB").crop((width // 4, 0, width, height))
        ImageOps.mirror(part).save("part.png")
    _, printed = lookup("part.png", "--json")
    (match,) = json.loads(printed.out)["matches"]

    assert match["work"]["id"] == "p"
    assert match["work_region"]["left"] == pytest.approx(0.25, abs=0.05)
    _, printed = lookup("part.png")
    assert "mirrored" in printed.out
    assert re.search(r"of it: 2\d% to 100% across", printed.out)


def test_standard_input_is_read(lookup, monkeypatch):
    given = io.TextIOWrapper(io.BytesIO(" ".join(TEXT.split(" ")[10:70]).encode()))
    monkeypatch.setattr(sys, "stdin", given)
    _, printed = lookup("-", "--json")
    assert [one["work"]["id"] for one in json.loads(printed.out)["matches"]] == ["t"]


@pytest.mark.parametrize("subject", ["a few words", "x" * 5000, "", "\0"])
def test_what_is_in_no_work_is_not_found(lookup, subject):
    code, printed = lookup(subject)
    assert (code, printed.out) == (0, "0 matches\n")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.txt", None, "there is no file 'gone.txt'"),
        ("data", b"\xff\xfe\xfd", "'data' is neither a picture nor text in UTF-8"),
        ("torn.png", b"\x89PNG\r\n\x1a\n", "picture: "),
    ],
)
def test_what_cannot_be_looked_up_says_why(lookup, name, content, message):
    if content is not None:
        Path(name).write_bytes(content)
    code, printed = lookup(name)
    assert code == 2
    assert message in printed.err
