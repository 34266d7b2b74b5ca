"""Copied code: what is found again in the standard library, what is found by mistake, how fast.

The index is the library's modules; what is copied from it is renamed and stripped by `ast`. What
is found by mistake is counted on functions of packages that are installed beside it.
"""

import ast
import random
import sysconfig
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.measure import Row, median
from guardrails.works.code.finder import CodeFinder
from guardrails.works.code.fingerprints import fingerprint
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Kind, Work

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path(sysconfig.get_paths()["purelib"])
OTHERS = (
    "pydantic",
    "rich",
    "typer",
    "httpx",
    "huggingface_hub",
    "mypy",
    "numpy/lib",
    "jsonschema",
)
LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "encodings"}
LINES = range(5, 40)
COPIES = 100
STRANGERS = 800
SEED = 43
ANSWER = 60
"""Lines of the answer that is timed."""
MEGABYTE = 1_000_000

Edit = Callable[[str], str]


def run() -> Sequence[Row]:
    """Build the index, look copies and strangers up in it, and time both."""
    store, rows = _built()
    finder = CodeFinder(store, "code")
    return [*rows, *_timed(finder), *_quality(finder)]


def _built() -> tuple[MemoryStore, list[Row]]:
    sources = {str(path): path.read_text(errors="replace") for path in _files(LIBRARY)}
    size = sum(map(len, sources.values())) / MEGABYTE
    started = process_time()
    prints = {name: fingerprint(source, name=name) for name, source in sources.items()}
    taken = process_time() - started
    kept = sum(
        each.seeds.nbytes + each.places.nbytes + each.detail.nbytes + each.lines.nbytes
        for each in prints.values()
    )
    store = MemoryStore()
    store.put("code", [(Work(name, Kind.CODE), each) for name, each in prints.items()], "benchmark")
    return store, [
        Row("works_code", f"{size:.0f} MB of Python, fingerprints", size / taken, "MB/s"),
        Row("works_code", "fingerprints / source", kept / MEGABYTE / size, "x"),
    ]


def _timed(finder: CodeFinder) -> Iterator[Row]:
    answers = [_answer(source) for source in (path.read_text() for path in _strange_files())]
    times = [
        _milliseconds(finder, answer) for answer in answers[:60] if len(answer) > MEGABYTE / 1000
    ]
    yield Row("works_code", f"answer of {ANSWER} lines, p50", median(times), "ms")


def _quality(finder: CodeFinder) -> Iterator[Row]:
    strangers = _sample(_strange_files(), STRANGERS)
    chance = sorted((_best(finder, source) for _, source in strangers), reverse=True)
    wrong = sum(score >= 0.5 for score in chance) / len(chance)  # noqa: PLR2004 - the threshold
    yield Row("works_code", f"{len(chance)} other functions found", wrong * 100, "%")
    copies = _sample(list(_files(LIBRARY)), COPIES)
    for how, edit in EDITS.items():
        scores = [_best(finder, edit(source), of=name) for name, source in copies]
        found = float(np.mean([score >= 0.5 for score in scores]))  # noqa: PLR2004
        yield Row("works_code", f"{len(copies)} functions {how}, found", found * 100, "%")
        ranked = float(np.mean([score > chance[len(chance) // 100] for score in scores]))
        yield Row("works_code", f"{len(copies)} functions {how}, at 1 % FPR", ranked * 100, "%")


class _Renamed(ast.NodeTransformer):
    """Gives every name that a function makes another one, and drops its docstrings and types."""

    def __init__(self, tree: ast.AST) -> None:
        made = [
            getattr(node, "arg", None) or getattr(node, "id", None) or getattr(node, "name", None)
            for node in ast.walk(tree)
            if isinstance(node, ast.arg | ast.FunctionDef)
            or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        ]
        self._names = {name: f"name_{number}" for number, name in enumerate(dict.fromkeys(made))}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Rename what is read or set."""
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Rename a parameter; it loses its annotation."""
        return ast.arg(self._names.get(node.arg, node.arg))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Rename a function; it loses its docstring."""
        self.generic_visit(node)
        node.name, node.returns = self._names.get(node.name, node.name), None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node


def _renamed(source: str) -> str:
    tree = ast.parse(source)
    return ast.unparse(ast.fix_missing_locations(_Renamed(tree).visit(tree)))


def _in_prose(source: str) -> str:
    return f"Sure, here's how it's done:\n\n{_renamed(source)}\n\nDon't hesitate to ask again."


def _in_a_class(source: str) -> str:
    inside = textwrap.indent(_renamed(source), "    ")
    return f"class Job:\n    def start(self):\n        self.on = True\n\n{inside}\n"


EDITS: Mapping[str, Edit] = {
    "verbatim": lambda source: source,
    "renamed": _renamed,
    "renamed, in prose": _in_prose,
    "renamed, in a class": _in_a_class,
}


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*.py")):
        if not LEFT_OUT & set(path.relative_to(root).parts):
            yield path


def _strange_files() -> list[Path]:
    return [path for name in OTHERS for path in _files(PACKAGES / name)]


def _sample(files: Iterable[Path], count: int) -> list[tuple[str, str]]:
    chance = random.Random(SEED)  # noqa: S311 - a sample, no secret
    shuffled = list(files)
    chance.shuffle(shuffled)
    functions: list[tuple[str, str]] = []
    for path in shuffled:
        found = list(_functions(path))
        functions += [(str(path), source) for source in chance.sample(found, min(3, len(found)))]
        if len(functions) >= count:
            break
    return functions[:count]


def _functions(path: Path) -> Iterator[str]:
    """Give the functions of a module that are neither trivial nor long, as they are written."""
    source = path.read_text(errors="replace")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # some that no Python reads are there to be tested on
        return
    lines = source.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            body = node.body[ast.get_docstring(node) is not None :]
            if body and node.end_lineno - body[0].lineno + 1 in LINES:
                function = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
                if _parses(function):
                    yield function


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:  # a string in it is not indented
        return False
    return True


def _best(finder: CodeFinder, answer: str, of: str | None = None) -> float:
    found = finder.find(answer)
    return max((one.score for one in found if of in {None, one.work.id}), default=0.0)


def _answer(source: str) -> str:
    lines = source.splitlines()
    start = len(lines) // 3
    return "Here it is:\n\n```python\n" + "\n".join(lines[start : start + ANSWER]) + "\n```\n"


def _milliseconds(finder: CodeFinder, answer: str) -> float:
    started = process_time()
    finder.find(answer)
    return (process_time() - started) * 1000
