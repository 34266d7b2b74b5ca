"""Sources are read as symbols that renaming, layout and language leave as they are."""

import io
import keyword
import sysconfig
import tokenize
from pathlib import Path

import pytest

from guardrails.works.code.dialects import BY_NAME, IDENTIFIER, STRING, SYMBOLS, Dialect, guess
from guardrails.works.code.lexing import dialect_of, tokenise

STDLIB = Path(sysconfig.get_paths()["stdlib"])
LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}


def written(source, dialect=None):
    tokens = tokenise(source, dialect)
    return [source[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


@pytest.mark.parametrize(
    ("one", "other", "dialect"),
    [
        ("x = f(a, b)", "y = g(c, d)", Dialect.PYTHON),  # renamed
        ("x = f(a, b)  # why", "x = f(\n    a,\n    b,\n)", Dialect.PYTHON),  # a formatter's work
        (
            "def f(a: int, b: dict[str, int] = 3) -> int: pass",
            "def f(a, b=3): pass",
            Dialect.PYTHON,
        ),
        ("def f(a: Callable[[int], str], *c: int): pass", "def f(a, *c): pass", Dialect.PYTHON),
        ("total: int = 0", "total = 0", Dialect.PYTHON),
        ("a = 'x'", 'a = "x"', Dialect.PYTHON),
        ('def f():\n    """Say what."""\n    return 1', "def f():\n    return 1", Dialect.PYTHON),
        ('"""Of the module."""\nimport os', "import os", Dialect.PYTHON),
        ("if (a < b) { return 1; }", "if (b > a) {\n  return 2\n}", Dialect.BRACE),
        ("const a = 'x';", 'let b = "y"', Dialect.BRACE),
        ("export async function f() {}", "function f() {}", Dialect.BRACE),
        ("a(); // why\n/* and\nhow */ b()", "a() b()", Dialect.BRACE),
        ("if a == nil then return end -- why", "if b == nil then return end", Dialect.DASH),
        ("SELECT a FROM t WHERE a <> 1", "select b from u where b != 2", Dialect.DASH),
    ],
)
def test_what_a_copyist_changes_is_not_seen(one, other, dialect):
    assert tokenise(one, dialect).symbols.tolist() == tokenise(other, dialect).symbols.tolist()


@pytest.mark.parametrize(
    ("one", "other", "dialect"),
    [
        ("x = a + b", "x = a - b", Dialect.PYTHON),
        ("x = 'a'", "x = 1", Dialect.PYTHON),
        (
            "x = (\n    'a'\n    'b'\n)",
            "x = ('a')",
            Dialect.PYTHON,
        ),  # a string that goes on is none
        ("while a: b()", "if a: b()", Dialect.PYTHON),
        ("a // b", "a", Dialect.PYTHON),  # a comment in other languages
    ],
)
def test_what_a_program_does_is_seen(one, other, dialect):
    assert tokenise(one, dialect).symbols.tolist() != tokenise(other, dialect).symbols.tolist()


def test_the_same_in_other_languages_is_the_same_symbol():
    python = tokenise("return not None", Dialect.PYTHON).symbols.tolist()
    assert python == tokenise("return !null;", Dialect.BRACE).symbols.tolist()


def test_every_symbol_fits_beside_a_name_in_sixteen_bits():
    assert max(SYMBOLS.values()) < 128


@pytest.mark.parametrize(
    "name", ["argparse.py", "dataclasses.py", "typing.py", "asyncio/streams.py"]
)
def test_python_is_cut_as_python_cuts_it(name):
    source = (STDLIB / name).read_text()
    ours = [one for one in written(source, Dialect.PYTHON) if one.isidentifier()]
    theirs = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.NAME and token.string != "async"
    ]
    kept = [one for one in theirs if one in set(ours)]
    left_out = len(theirs) - len(ours)  # annotations
    assert left_out < len(theirs) * 0.12
    assert set(ours) <= set(theirs)
    assert sum(map(keyword.iskeyword, ours)) <= sum(map(keyword.iskeyword, kept))


def test_offsets_count_code_points_and_lines_count_from_one():
    tokens = tokenise("# 𝒳\n\nx = 'é𝒳'\ny = 1", Dialect.PYTHON)
    assert tokens.starts.tolist() == [5, 7, 9, 14, 16, 18]
    assert tokens.lines.tolist() == [3, 3, 3, 4, 4, 4]


@pytest.mark.parametrize(
    ("source", "dialect"),
    [
        ("def f(x):\n    return x\n", Dialect.PYTHON),
        ("function f(x) {\n  return x;\n}\n", Dialect.BRACE),
        ("#include <a.h>\nint f(int x) {\n  return x;\n}\n", Dialect.BRACE),
        ('if [ -f "$1" ]; then\n  echo $1\nfi\n', Dialect.HASH),
        ("def f(x)\n  puts x\nend\n", Dialect.HASH),
        ("SELECT a\nFROM t\nWHERE a = 1\n", Dialect.DASH),
    ],
)
def test_a_dialect_is_guessed(source, dialect):
    assert guess(source) is dialect


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("src/Heap.JAVA", Dialect.BRACE),
        ("a\\b.py", Dialect.PYTHON),
        ("Dockerfile", Dialect.HASH),
        ("python", Dialect.PYTHON),
        ("notes.txt", None),
        ("", None),
    ],
)
def test_a_name_tells_the_dialect(name, dialect):
    assert dialect_of(name) is dialect


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    "source",
    ["", "\n", '"""', "'", "/*", "`", "\\", "\0", "\ud800", "((((", "x = '\\", "é٣𝒳", "f(a: "],
)
def test_nothing_that_is_broken_breaks_it(source, dialect):
    tokens = tokenise(source, dialect)
    assert (tokens.starts < tokens.ends).all()
    assert (tokens.ends <= len(source)).all()


def test_names_and_strings_are_told_apart_by_how_they_are_written():
    tokens = tokenise("a = b + a + 'a' + \"b\"", Dialect.PYTHON)
    names = tokens.names[tokens.symbols == IDENTIFIER].tolist()
    assert names[0] == names[2] != names[1]
    assert len(set(tokens.names[tokens.symbols == STRING].tolist())) == 2


def test_every_name_of_a_language_is_in_lower_case():
    assert all(name == name.lower() for name in BY_NAME)
