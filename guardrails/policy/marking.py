"""From a policy's `marks` to marks that are ready to sign."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from guardrails.core.errors import GuardrailsError
from guardrails.core.mark import Mark
from guardrails.core.verdict import Action
from guardrails.keyring import Keyring
from guardrails.marks.catalog import BUILTIN, Entry, MarkClass, load
from guardrails.policy.document import WrittenMark
from guardrails.policy.floors import action
from guardrails.policy.inheritance import Policy
from guardrails.policy.plan import MarkStep
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.wording import problems_in


class MarkBuilder:
    """Builds the marks of one policy; what cannot be built is noted and missing.

    Settings are validated with the policy's directory and its keyring (`hiding: {keys: …}`).
    """

    def __init__(
        self,
        keyring: Keyring | None,
        problems: Problems,
        catalog: Mapping[str, Entry] = BUILTIN,
    ) -> None:
        self._keyring = keyring
        self._problems = problems
        self._catalog = catalog

    def built(self, policy: Policy, strongest: Action) -> Iterator[MarkStep]:
        """Build each mark, in order; what a base signs last is signed behind an heir's marks."""
        self._note_signed_early(policy.marks)
        for written in sorted(policy.marks, key=self._signs):
            if mark := self._mark(written):
                on_error = min(action(written.rule.on_error), strongest)
                yield MarkStep(written.rule.mark, mark, on_error)

    def _signs(self, written: WrittenMark) -> bool:
        """Whether it signs what others have changed; unknown ones are told of elsewhere."""
        entry = self._catalog.get(written.rule.mark)
        return entry is not None and entry.provenance

    def _note_signed_early(self, marks: Sequence[WrittenMark]) -> None:
        """Within a file the author says the order, and can put it right."""
        signing: dict[str, str] = {}
        for written in sorted(marks, key=lambda one: one.place):
            file, name = written.place.file, written.rule.mark
            if self._signs(written):
                signing.setdefault(file, name)
            elif last := signing.get(file):
                message = f"mark '{name}' would change what '{last}' has signed, put '{last}' last"
                self._problems.add(written.place_of("mark"), message)

    def _mark(self, written: WrittenMark) -> Mark[Any] | None:
        kind = self._class(written)
        if kind is None:
            return None
        context = {
            "directory": Path(written.settings.place.file).parent,
            "keyring": self._keyring,
        }
        try:
            return kind(kind.Settings.model_validate(written.rule.with_, context=context))
        except ValidationError as error:
            for problem in problems_in(error, written.settings, kind.Settings, "setting"):
                self._problems.add(problem.place, problem.message)
        except (ValueError, GuardrailsError) as error:
            self._problems.add(written.place_of("mark"), str(error))
        return None

    def _class(self, written: WrittenMark) -> MarkClass | None:
        name, place = written.rule.mark, written.place_of("mark")
        if name not in self._catalog:
            way_out = did_you_mean(name, self._catalog)
            self._problems.add(place, f"unknown mark '{name}', {way_out}")
            return None
        if self._catalog[name].sampled:
            message = f"mark '{name}' is put in while a text is generated, take it to the generator"
            self._problems.add(place, message)
            return None
        try:
            return load(self._catalog[name])
        except ModuleNotFoundError as error:
            extra = self._catalog[name].extra
            message = f"mark '{name}' needs '{error.name}', install 'guardrails[{extra}]'"
            self._problems.add(place, message)
            return None
