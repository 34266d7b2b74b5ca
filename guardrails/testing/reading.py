"""From a test file to a suite: every mistake in it is noted with its place."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from guardrails.core.content import Content, Image, Part, Stage, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.core.problem import Place
from guardrails.core.verdict import Action
from guardrails.policy import source
from guardrails.policy.problems import Problems
from guardrails.policy.source import Node, Trail
from guardrails.policy.wording import problems_in, trail_of
from guardrails.testing.schema import CaseSection, PartSection, SuiteSection
from guardrails.testing.suite import Answers, Case, Expected, Find, Only, Sought, Suite

T = TypeVar("T", str, bytes)


def read(path: Path, problems: Problems) -> Suite | None:
    """Read one test file.

    A case with a mistake is noted and left out, so that the rest is still looked at; None when
    nothing is left.
    """
    node = source.read(path, problems)
    if node is None or (sound := _sound(node, problems)) is None:
        return None
    try:
        written = SuiteSection.model_validate(sound.plain)
    except ValidationError:
        return None
    _names_must_differ(sound, problems)
    reader = _CaseReader(path.parent, written.models, problems)
    cases = tuple(
        reader.case(case, node)
        for case, node in zip(written.cases, sound.members["cases"].items, strict=True)
    )
    return Suite(path, written.policy, cases, sound)


def _sound(node: Node, problems: Problems) -> Node | None:
    try:
        SuiteSection.model_validate(node.plain)
    except ValidationError as error:
        for problem in problems_in(error, node, SuiteSection, "key"):
            problems.add(problem.place, problem.message)
        wrong = frozenset(_case_or_value(trail_of(node, one["loc"])) for one in error.errors())
        return None if () in wrong else node.without(wrong)
    return node


def _case_or_value(trail: Trail) -> Trail:
    return trail[:2] if trail[:1] == ("cases",) else trail


def _names_must_differ(node: Node, problems: Problems) -> None:
    seen: dict[str, Node] = {}
    for name in (case.members["name"] for case in node.members["cases"].items):
        first = seen.setdefault(str(name.value), name)
        if first is not name:
            line = first.place.line
            problems.add(name.place, f"case '{name.value}' is already on line {line}, rename one")


class _CaseReader:
    """Makes cases of what is written, and reads the files that they name."""

    def __init__(self, directory: Path, models: Answers, problems: Problems) -> None:
        self._directory = directory
        self._models = models
        self._problems = problems

    def case(self, written: CaseSection, node: Node) -> Case:
        return Case(
            name=written.name,
            content=self._content(written, node),
            expected=self._expected(written, node),
            place=node.place,
            answers={**self._models, **written.models},
            only=Only(written.only) if written.only else None,
            places={key: member.place for key, member in node.members.items()},
        )

    def _content(self, written: CaseSection, node: Node) -> Content:
        stage = Stage.INPUT if written.input is not None else Stage.OUTPUT
        speaker = Surface.USER if stage is Stage.INPUT else Surface.ASSISTANT
        parts = self._parts(written.input or written.output, node.members[stage.value], speaker)
        prompt = self._parts(written.prompt, node.members.get("prompt", node), Surface.USER)
        try:
            return Content(parts, stage, prompt)
        except ContentError as error:
            self._problems.add(node.members[stage.value].place, str(error))
            return Content((), stage)

    def _expected(self, written: CaseSection, node: Node) -> Expected:
        finds = node.members["finds"].items if written.finds else ()
        passes_on = None
        if written.passes_on is not None:
            passes_on = self._parts(written.passes_on, node.members["passes_on"], Surface.USER)
        marks = node.members["marks"].items if written.marks else ()
        return Expected(
            Action[written.expect.upper()],
            written.by,
            passes_on,
            written.reply,
            written.unjudged,
            tuple(
                Find(item.place, **find.model_dump())
                for find, item in zip(written.finds, finds, strict=True)
            ),
            None
            if written.marks is None
            else tuple(
                Sought(item.place, **one.model_dump())
                for one, item in zip(written.marks, marks, strict=True)
            ),
        )

    def _parts(
        self, written: Sequence[PartSection] | None, node: Node, speaker: Surface
    ) -> tuple[Part, ...]:
        if written is None:
            return ()
        nodes = node.items or (node,)
        return tuple(
            self._part(part, node, speaker) for part, node in zip(written, nodes, strict=True)
        )

    def _part(self, written: PartSection, node: Node, speaker: Surface) -> Part:
        surface = written.surface or speaker
        if written.image:
            place = node.members["image"].place
            return Image(self._file(written.image, place, Path.read_bytes) or b"", surface)
        if written.file:
            place = node.members["file"].place
            return Text(self._file(written.file, place, _utf8) or "", surface)
        return Text((written.text or "") * written.times, surface)

    def _file(self, name: str, place: Place, read: Callable[[Path], T]) -> T | None:
        try:
            return read(self._directory / name)
        except UnicodeDecodeError:
            self._problems.add(place, f"'{name}' is not UTF-8")
        except OSError as error:
            reason = (error.strerror or "failed").lower()
            self._problems.add(place, f"'{name}' cannot be read: {reason}")
        except ValueError:
            self._problems.add(place, "a path cannot hold this")
        return None


def _utf8(path: Path) -> str:
    return path.read_bytes().decode()
