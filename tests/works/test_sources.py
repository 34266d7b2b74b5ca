"""What becomes of the files, rows and tables that works are imported from."""

import gzip
import io
import json
from datetime import date

import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from guardrails.works.library import Original
from guardrails.works.sources.files import UNREADABLE
from guardrails.works.sources.folders import FolderSource
from guardrails.works.sources.kinds import kind_of
from guardrails.works.sources.opening import EXTRAS, open_source
from guardrails.works.sources.rows import RowSource
from guardrails.works.sources.source import Broken, PassedOver, SourceError, Terms
from guardrails.works.work import Consent, Kind


def picture(form="PNG"):
    written = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(written, form)
    return written.getvalue()


def only(items):
    (item,) = items
    return item


@pytest.fixture
def taken(tmp_path):
    """Takes one row, beside a book, a picture and a file that is neither."""
    (tmp_path / "book.txt").write_text("Call me Ishmael.")
    (tmp_path / "latin.txt").write_bytes("Fußgänger über Brücken".encode("latin-1"))
    (tmp_path / "red.jpg").write_bytes(picture("JPEG"))
    (tmp_path / "torn.png").write_bytes(b"not a picture")
    (tmp_path / "tool.py").write_text("print(1)\n")

    def take(row, **terms):
        path = tmp_path / "rows.jsonl"
        path.write_text(row if isinstance(row, str) else json.dumps(row))
        return only(RowSource(path, Terms(**terms)).read())

    return take


def test_a_row_tells_all_that_is_known_of_a_work(taken):
    row = {
        "id": "m",
        "title": "Moby-Dick",
        "owner": "Melville",
        "licence": "PD",
        "source": "a shelf",
        "contact": "a@example.org",
        "created": "1851-10-18",
        "consent": "allowed",
        "text": "Call me Ishmael.",
        "more": 1,
    }
    work, content = taken(row)

    assert content == "Call me Ishmael."
    assert (work.id, work.kind, work.title, work.owner) == ("m", Kind.TEXT, "Moby-Dick", "Melville")
    assert (work.licence, work.source, work.contact) == ("PD", "a shelf", "a@example.org")
    assert (work.created, work.consent) == ("1851-10-18", Consent.ALLOWED)


@pytest.mark.parametrize(
    ("row", "kind", "content"),
    [
        ({"id": 7, "text": "prose"}, Kind.TEXT, "prose"),
        ({"id": "a", "code": "x = 1"}, Kind.CODE, "x = 1"),
        ({"id": "a", "text": "x = 1", "path": "lib/a.py"}, Kind.CODE, "x = 1"),
        ({"id": "a", "path": "book.txt"}, Kind.TEXT, "Call me Ishmael."),
        ({"id": "a", "path": "tool.py"}, Kind.CODE, "print(1)\n"),
        ({"id": "a", "path": "red.jpg"}, Kind.IMAGE, picture("JPEG")),
        ({"id": "a", "kind": "name", "title": "Ada"}, Kind.NAME, ""),
    ],
)
def test_the_kind_of_a_row_is_told_or_guessed(taken, row, kind, content):
    found, held = taken(row)
    assert (found.id, found.kind) == (str(row["id"]), kind)
    assert held == content


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"work": "Emma"}, "title", "Emma"),
        ({"license": "MIT"}, "licence", "MIT"),
        ({"title": 1984}, "title", "1984"),
        ({"title": "Two\nlines \x1b[31m"}, "title", "Two lines [31m"),
        ({"aliases": "Boz"}, "aliases", ("Boz",)),
        ({"aliases": ["Boz", "Bozzy"]}, "aliases", ("Boz", "Bozzy")),
        ({"owner": None}, "owner", "the house"),
        ({"owner": "Ada"}, "owner", "Ada"),
    ],
)
def test_fields_are_read_as_people_write_them(taken, row, field, value):
    work, _ = taken({"id": "a", "text": "prose"} | row, owner="the house")
    assert getattr(work, field) == value


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("nonsense", "is no JSON, column 1: expecting value"),
        ("[1]", "is no JSON object, give one a line"),
        ("[" * 100_000, "is nested too deep, give one flat object a line"),
        ({"text": "prose"}, "no 'id', give each work one of its own"),
        ({"id": True, "text": "prose"}, "no 'id', give each work one of its own"),
        (
            {"id": "a\x1b[2J", "text": "prose"},
            "its 'id' has characters that cannot be printed, leave them out",
        ),
        ({"id": "a"}, "no content, give it a 'text' or 'path'"),
        ({"id": "a", "text": " "}, "its text is empty, give the text of the work"),
        (
            '{"id": "a", "text": "half \\ud83d"}',
            "its text has half a character, write it as UTF-8 again",
        ),
        ({"id": "a", "text": "prose", "owner": ["b"]}, "its 'owner' is no text"),
        ({"id": "a", "text": "prose", "aliases": [1]}, "its 'aliases' are no list of texts"),
        (
            {"id": "a", "text": "prose", "consent": "yes"},
            "its 'consent' is unknown, give one of unknown, allowed, opted_out, taken_down",
        ),
        (
            {"id": "a", "path": "gone.txt"},
            "the file of its 'path': cannot be read: no such file or directory",
        ),
        (
            {"id": "a", "path": "latin.txt"},
            f"the file of its 'path' {UNREADABLE.format(encoding='UTF-8')}",
        ),
        (
            {"id": "a", "path": "torn.png"},
            "the file of its 'path' is no picture that can be read, convert it to PNG or JPEG",
        ),
        ({"id": "a", "kind": "image", "text": "prose"}, "no content, give it a 'path'"),
        ({"id": "a", "kind": "name"}, "a name without a 'title', give the name as its title"),
    ],
)
def test_a_row_that_cannot_be_taken_says_its_line_and_the_way_out(taken, tmp_path, row, why):
    assert str(taken(row)) == f"{tmp_path}/rows.jsonl:1: {why}"


def test_texts_in_another_encoding_are_read_when_it_is_named(taken):
    _, content = taken({"id": "a", "path": "latin.txt"}, encoding="latin-1")
    assert content == "Fußgänger über Brücken"


ROWS = "".join(json.dumps({"id": n, "text": f"work {n}"}) + "\n\n" for n in range(200))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.ndjson"])
def test_rows_are_read_plain_and_compressed_whatever_the_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(ROWS.encode()) if "gz" in name else ROWS.encode())
    source = open_source(path, Terms())

    assert source.count() >= 200
    assert [item.work.id for item in source.read()] == [str(n) for n in range(200)]


def test_a_compressed_file_that_was_cut_short_gives_what_it_has_and_says_so(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(ROWS.encode())[:-200])
    *whole, last = RowSource(path).read()

    assert [item.work.id for item in whole] == [str(n) for n in range(len(whole))]
    assert isinstance(last, Broken)
    assert last.why == "the compressed file is damaged or cut short, all behind it is lost"
    assert RowSource(path).count() >= 1


def test_a_folder_gives_each_file_by_its_path(tmp_path):
    folder = tmp_path / "shelf"
    (folder / "b" / ".git").mkdir(parents=True)
    (folder / "z.txt").write_text("last")
    (folder / "b" / "a.py").write_text("x = 1")
    (folder / "b" / "p.png").write_bytes(picture())
    (folder / ".hidden").write_text("not looked at")
    (folder / "b" / ".git" / "config").write_text("nor this")
    source = FolderSource(folder, Terms(owner="Ada", licence="MIT", prefix="x/"))
    works = {item.work.id: item.work for item in source.read()}

    assert source.count() == 3
    assert [(name, work.kind.value, work.title) for name, work in works.items()] == [
        ("x/z.txt", "text", "z"),
        ("x/b/a.py", "code", "b/a.py"),
        ("x/b/p.png", "image", "p"),
    ]
    assert works["x/b/a.py"].source == "shelf/b/a.py"
    assert {(work.owner, work.licence) for work in works.values()} == {("Ada", "MIT")}


@pytest.mark.parametrize(
    ("asked", "name", "content", "kind"),
    [
        (None, "notes", b"plain words", Kind.TEXT),
        (None, "a.rs", b"fn main() {}", Kind.CODE),
        (None, "run", b"#!/bin/sh\necho", Kind.CODE),
        (None, "a.txt", b"#!/bin/sh\necho", Kind.TEXT),
        (None, "a.bin", b"\0\1\2", PassedOver),
        (None, "empty.txt", b" \n", PassedOver),
        (None, "p", picture(), Kind.IMAGE),
        (None, "p.png", b"no picture", Broken),
        (None, "u.txt", "words".encode("utf-16"), Kind.TEXT),
        (None, "l.txt", b"caf\xe9", Broken),
        (Kind.TEXT, "a.rs", b"fn main() {}", Kind.TEXT),
        (Kind.TEXT, "p.png", picture(), PassedOver),
        (Kind.CODE, "README.md", b"words", PassedOver),
        (Kind.IMAGE, "a.txt", b"words", PassedOver),
        (None, "big.png", b"version https://git-lfs.github.com/spec/v1\noid 1", Broken),
    ],
)
def test_a_file_is_taken_as_its_kind_or_told_of(tmp_path, asked, name, content, kind):
    (tmp_path / name).write_bytes(content)
    item = only(FolderSource(tmp_path / name, Terms(kind=asked)).read())

    found = item.work.kind if isinstance(item, Original) else type(item)
    assert found == kind


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_pictures_are_told_by_how_they_begin(form):
    assert kind_of("picture", picture(form)) is Kind.IMAGE


def test_a_table_has_the_columns_that_rows_have(tmp_path):
    path = tmp_path / "works.parquet"
    table = pa.table(
        {
            "id": ["a", "b", None],
            "work": ["A", "B", "C"],
            "created": [date(2020, 1, 2), None, None],
            "text": ["some words", None, "more"],
            "image": [None, {"bytes": picture(), "path": "p.png"}, None],
            "aliases": [["x"], None, None],
            "embedding": [[0.5], [0.5], [0.5]],
        }
    )
    parquet.write_table(table, path)
    source = open_source(path, Terms(owner="Ada"))
    first, second, third = source.read()

    assert source.count() == 3
    assert (first.work.title, first.work.created, first.content) == (
        "A",
        "2020-01-02",
        "some words",
    )
    assert (first.work.aliases, first.work.owner) == (("x",), "Ada")
    assert (second.work.kind, second.content) == (Kind.IMAGE, picture())
    assert str(third) == f"{path}:3: no 'id', give each work one of its own"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone", None, "there is no file or folder 'gone'"),
        ("torn.parquet", b"PAR1", "'torn.parquet' is no Parquet file that can be read"),
        (
            "words.hashes",
            b"words",
            "'words.hashes' is no do-not-copy list, make one with 'guardrails works hash'",
        ),
    ],
)
def test_a_source_that_is_none_says_the_way_out(tmp_path, monkeypatch, name, content, message):
    monkeypatch.chdir(tmp_path)
    path = tmp_path.joinpath(name).relative_to(tmp_path)
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SourceError) as caught:
        list(open_source(path, Terms()).read())
    assert str(caught.value) == message


def test_a_package_that_is_missing_is_named_with_what_to_install(tmp_path, monkeypatch):
    place, extra = EXTRAS[".parquet"]
    monkeypatch.setitem(EXTRAS, ".parquet", (f"no_{place}", extra))
    (tmp_path / "a.parquet").write_bytes(b"")

    with pytest.raises(SourceError) as caught:
        open_source(tmp_path / "a.parquet", Terms())
    assert str(caught.value) == (
        "'.parquet' needs the package 'no_guardrails', install 'guardrails[parquet]'"
    )
