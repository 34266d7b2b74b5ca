"""Puts a mark into the choice of words, and finds it again: what `lexical` and `cater` share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from guardrails.core.mark import Decision, Detection
from guardrails.keyring import Key, Keyring
from guardrails.marks.words.guarding import Guard
from guardrails.marks.words.lexicon import Lexicon
from guardrails.marks.words.passages import Passage
from guardrails.marks.words.scoring import Score, score
from guardrails.marks.words.slots import Reading, Slot, read
from guardrails.marks.words.telling import Change, Substituted, made

CHANGED = 0.05
"""The greatest share of the words so far that is changed."""
BEGINNING = 60
"""Words that are taken for said from the start, so that the first sentences are marked too."""
Draw: TypeAlias = tuple[str, str, str]
"""Both forms of a pair, and the context."""
_REMEMBERED = 10_000
"""Draws of one text; it takes some hundred thousand words to see more."""


@dataclass(frozen=True, slots=True)
class Preference:
    """What a scheme says: which neighbours a slot is keyed by, and how often its second form."""

    purpose: str
    context: Callable[[Slot], str]
    share: Callable[[Slot], float]


class Substitution:
    """One scheme under all keys of a ring."""

    def __init__(
        self, preference: Preference, keyring: Keyring, lexicon: Lexicon, guard: Guard
    ) -> None:
        self._preference = preference
        self._guard = guard
        self._secrets = {key.id: _secret(key, preference.purpose) for key in keyring}
        self.lexicon = lexicon
        self.key_id = keyring.current.id

    def begin(self) -> "Course":
        """Begin a text that is marked passage by passage."""
        return Course(self, self._guard)

    def detect(self, text: str, false_positives: float) -> Detection:
        """Look for each key; each pair in each context counts once."""
        slots = self._distinct(read(text, self.lexicon))
        found = {name: self._score(slots, secret) for name, secret in self._secrets.items()}
        name, best = min(found.items(), key=lambda item: item[1].p_value)
        p_value = min(1.0, best.p_value * len(found))
        if p_value <= false_positives:
            return Detection(Decision.MARKED, p_value, best.z, len(slots), name)
        if best.least * len(found) > false_positives:
            reason = (
                f"{len(slots)} words tell, too few for a false-positive rate of {false_positives:g}"
            )
            return Detection(Decision.UNDECIDABLE, p_value, best.z, len(slots), reason=reason)
        return Detection(Decision.UNMARKED, p_value, best.z, len(slots))

    def preferred(self, slot: Slot) -> int:
        """Give the form that the current key prefers there."""
        return self._preferred(slot, self._secrets[self.key_id])

    def draw(self, slot: Slot) -> Draw:
        """Give what decides: slots that share it say the same thing again."""
        return (*slot.pair.forms, self._preference.context(slot))

    def _distinct(self, reading: Reading) -> tuple[Slot, ...]:
        """The first slot of each pair in each context: repeats tell nothing new."""
        seen: dict[Draw, Slot] = {}
        for slot in reading.slots:
            seen.setdefault(self.draw(slot), slot)
        return tuple(seen.values())

    def _score(self, slots: tuple[Slot, ...], secret: bytes) -> Score:
        shares = [self._preference.share(slot) for slot in slots]
        chances = [
            share if slot.at else 1 - share for slot, share in zip(slots, shares, strict=True)
        ]
        return score(chances, [self._preferred(slot, secret) == slot.at for slot in slots])

    def _preferred(self, slot: Slot, secret: bytes) -> int:
        said = "\0".join(self.draw(slot))
        drawn = blake2b(said.encode(), key=secret, digest_size=8).digest()
        return int(int.from_bytes(drawn) < self._preference.share(slot) * 2.0**64)


class Course:
    """Where a text stands that is marked passage by passage."""

    def __init__(self, substitution: Substitution, guard: Guard) -> None:
        self._substitution = substitution
        self._guard = guard
        self._words = self._changed = 0
        self._seen: set[Draw] = set()

    def marked(self, passage: Passage) -> Substituted:
        """Mark the next passage."""
        if not passage.open:
            return Substituted(passage.text)
        reading = read(passage.before + passage.text, self._substitution.lexicon)
        self._words += reading.words
        wanted = self._wanted(passage, reading.slots)
        kept, likeness = self._guard.kept(passage.text, wanted)
        self._changed += sum(change.words for change in kept)
        return Substituted(
            made(passage.text, kept),
            reading.words,
            len(reading.slots),
            tuple(kept),
            len(wanted) - len(kept),
            likeness,
        )

    def _wanted(self, passage: Passage, slots: Sequence[Slot]) -> Sequence[Change]:
        room, changes = CHANGED * max(self._words, BEGINNING) - self._changed, []
        for slot in slots:
            if self._is_repeated(slot):
                continue
            wanted = self._substitution.preferred(slot)
            change = _change(slot, wanted, passage)
            if wanted != slot.at and change.words <= room:
                room -= change.words
                changes.append(change)
        return changes

    def _is_repeated(self, slot: Slot) -> bool:
        """Whether it would be no evidence, for the first of its kind is."""
        draw = self._substitution.draw(slot)
        if draw in self._seen:
            return True
        if len(self._seen) < _REMEMBERED:
            self._seen.add(draw)
        return False


def _change(slot: Slot, wanted: int, passage: Passage) -> Change:
    """The other form, with the capital and the kind of apostrophe that the text has there."""
    start = slot.start - len(passage.before)
    was, form = passage.text[start : start + slot.end - slot.start], slot.pair.forms[wanted]
    if was[0].isupper():
        form = form[0].upper() + form[1:]
    return Change(start, was, form.replace("'", "\u2019") if "\u2019" in passage.text else form)


def _secret(key: Key, purpose: str) -> bytes:
    return key.derive(f"mark {purpose}")
