"""Code is found in answers whatever was done to it, and other code is not."""

import ast
import bisect
import heapq
import inspect
import textwrap
import textwrap as wrapping
from collections.abc import Callable
from time import process_time
from types import MappingProxyType

import pytest

from guardrails.works.code.answers import parts, read
from guardrails.works.code.finder import CodeFinder
from guardrails.works.code.fingerprints import fingerprint
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Kind, Work

HEAPQ = inspect.getsource(heapq)
ORIGINAL = inspect.getsource(heapq.merge)
SIFT = inspect.getsource(heapq._siftup_max)
JAVASCRIPT = """\
export function debounce(callback, delay) {
  let timer = null;
  let pending = [];
  return function (...args) {
    pending.push(args);  // kept until it runs
    if (timer !== null) {
      clearTimeout(timer);
    }
    timer = setTimeout(() => {
      const all = pending;
      pending = [];
      timer = null;
      callback.apply(this, all[all.length - 1]);
    }, delay);
  };
}
"""


class _Renamer(ast.NodeTransformer):
    names = MappingProxyType(
        {"heap": "box", "pos": "at", "endpos": "stop", "startpos": "begin", "newitem": "thing"}
        | {"childpos": "kid", "rightpos": "other", "_siftup_max": "go_down"}
    )

    def visit_Name(self, node):
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self.names.get(node.arg, node.arg))

    def visit_FunctionDef(self, node):
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


class _Restyler(_Renamer):
    def visit_Compare(self, node):
        self.generic_visit(node)
        swapped = {ast.Lt: ast.Gt(), ast.Gt: ast.Lt()}.get(type(node.ops[0]))
        return ast.Compare(node.comparators[0], [swapped], [node.left]) if swapped else node

    def visit_While(self, node):
        self.generic_visit(node)
        node.body.insert(1, ast.parse("print('going down', flush=True)").body[0])
        return node


def rewritten(source: str, by: Callable[[], ast.NodeTransformer] = _Renamer) -> str:
    return ast.unparse(ast.fix_missing_locations(by().visit(ast.parse(source))))


def wrapped(source: str) -> str:
    inside = textwrap.indent(source, "    ")
    before = "import sys\n\n\nclass Job:\n    retries = 3\n\n"
    return f"{before}{inside}\n    def stop(self):\n        return 1\n"


@pytest.fixture(scope="module")
def store():
    store = MemoryStore()
    sources = {"heapq.py": HEAPQ, "bisect.py": inspect.getsource(bisect), "debounce.js": JAVASCRIPT}
    store.put(
        "code",
        [
            (Work(name, Kind.CODE, title=name, licence="PSF-2.0"), fingerprint(source, name=name))
            for name, source in sources.items()
        ],
        "for tests",
    )
    return store


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(SIFT, id="verbatim"),
        pytest.param(rewritten(SIFT), id="renamed"),
        pytest.param(rewritten(SIFT, _Restyler), id="renamed, restyled, a line put in"),
        pytest.param(wrapped(rewritten(SIFT)), id="renamed, in a class of other code"),
        pytest.param(f"Sure:\n\n```python\n{rewritten(SIFT)}\n```\nBye.", id="in a fence"),
        pytest.param(f"Sure:\n\n```\n{rewritten(SIFT)}", id="in a fence that is still open"),
        pytest.param(
            f"  ~~~~ text\n{rewritten(SIFT)}\n  ~~~~", id="in a fence of another language"
        ),
        pytest.param(f"Don't you see? It's so:\n\n{rewritten(SIFT)}\n\nThat's it.", id="in prose"),
        pytest.param(f"```sh\nls\n```\nthen\n```py\n{SIFT}\n```", id="in the second fence"),
    ],
)
def test_a_copy_is_found(store, answer):
    [match, *_] = CodeFinder(store, "code").find(answer)
    assert (match.work.id, match.score > 0.8) == ("heapq.py", True)
    found = "\n".join(HEAPQ.splitlines()[match.start - 1 : match.end])
    assert "rightpos = childpos + 1" in found
    assert len(found) < 3 * len(SIFT)
    assert "while" in answer[match.where.start : match.where.end]


def test_where_it_stands_is_told_in_the_answer_and_in_the_work(store):
    source, first = inspect.getsourcelines(heapq._siftup_max)
    answer = f"🙂 Here:\n\n```python\n{SIFT}```\n"
    [match, *_] = CodeFinder(store, "code").find(answer)
    assert answer[match.where.start : match.where.end] == SIFT.strip()
    assert (match.start, match.end) == (first, first + len(source) - 1)
    assert match.longest == match.matched
    assert (match.changed, match.share) == (0, 1.0)


@pytest.mark.parametrize(
    "answer",
    [
        JAVASCRIPT,
        JAVASCRIPT.replace("callback", "fn").replace("timer", "t").replace("pending", "queue"),
        f"```ts\n{JAVASCRIPT.replace('null', 'undefined').replace('let', 'var')}\n```",
        " ".join(line.partition("//")[0].strip() for line in JAVASCRIPT.splitlines()),  # minified
    ],
)
def test_a_copy_is_found_in_other_languages(store, answer):
    [match, *_] = CodeFinder(store, "code").find(answer)
    assert (match.work.id, match.score > 0.7) == ("debounce.js", True)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "```",
        "x = 1",
        "I can't write that, but I'd be glad to help with something else. " * 20,
        inspect.getsource(wrapping),
        inspect.getsource(textwrap.TextWrapper),
        "def f(self, a):\n    self.a = a\n\n    def g(self):\n        return self.a\n",
    ],
)
def test_what_is_no_copy_scores_low(store, answer):
    assert all(match.score < 0.5 for match in CodeFinder(store, "code").find(answer))


def test_the_score_grows_with_what_is_copied(store):
    lines = ORIGINAL.splitlines()
    finder = CodeFinder(store, "code")
    scores = [
        max((match.score for match in finder.find("\n".join(lines[38:end]))), default=0.0)
        for end in range(44, 70, 4)
    ]
    assert scores == sorted(scores)
    assert scores[0] < 0.5 < scores[-1] < 1.0


def test_enough_is_what_the_settings_say(store):
    def score(**settings):
        return CodeFinder(store, "code", **settings).find(SIFT)[0].score

    evidence = 40 * (score() / (1 - score())) ** 0.25
    assert score(matched_tokens=round(evidence)) == pytest.approx(0.5, abs=0.02)
    assert score(lines=12) == score()
    assert score(lines=400) < 0.01


def test_what_was_removed_is_found_no_more(store):
    store.put("gone", [(Work("a.py", Kind.CODE), fingerprint(SIFT, name="a.py"))], "")
    assert CodeFinder(store, "gone").find(SIFT)
    store.remove("gone", ["a.py"], "the owner asked")
    assert not CodeFinder(store, "gone").find(SIFT)


def test_fences_are_told_from_prose():
    answer = "a\n```py\nb\n```\nc\n~~~\nd"
    assert [(answer[part.start : part.end], part.fenced) for part in parts(answer)] == [
        ("a\n", False),
        ("b\n", True),
        ("\nc\n", False),
        ("d", True),
        ("", False),
    ]


def test_what_is_code_for_sure_is_counted():
    tokens, code = read("some words\n```\nx = 1\n```")
    assert (len(tokens), code) == (5, 3)
    assert read("x = 1")[1] == 3


@pytest.mark.parametrize(
    "answer",
    ["```\n" * 20_000, "def f(a: " * 20_000, "\n" * 200_000, "(" * 100_000, HEAPQ * 8],
    ids=["fences", "signatures", "blank lines", "brackets", "one file over and over"],
)
def test_hostile_answers_take_no_longer_than_others(store, answer):
    started = process_time()
    CodeFinder(store, "code").find(answer)
    assert process_time() - started < 2
