"""Puts a mark into the choice of words, and finds it again: what `lexical` and `cater` share."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from guardrails.core.mark import Decision, Detection
from guardrails.keyring import Key, Keyring
from guardrails.marks.words.lexicon import Lexicon
from guardrails.marks.words.scoring import Score, score
from guardrails.marks.words.slots import Reading, Slot, read

CHANGED = 0.05
"""The greatest share of the words so far that is changed."""


@dataclass(frozen=True, slots=True)
class Preference:
    """What a scheme says: which neighbours a slot is keyed by, and how often its second form."""

    purpose: str
    context: Callable[[Slot], str]
    share: Callable[[Slot], float]


@dataclass(frozen=True, slots=True)
class Substituted:
    """A marked text, and how much of it was changed."""

    text: str
    words: int
    slots: int
    changed: int


class Substitution:
    """One scheme under all keys of a ring."""

    def __init__(self, preference: Preference, keyring: Keyring, lexicon: Lexicon) -> None:
        self._preference = preference
        self._lexicon = lexicon
        self._secrets = {key.id: _secret(key, preference.purpose) for key in keyring}
        self.key_id = keyring.current.id

    def mark(self, texts: Iterable[str]) -> Iterator[Substituted]:
        """Mark a text that comes in pieces, cut where sentences end: as if it came whole."""
        words = changed = 0
        for text in texts:
            reading = read(text, self._lexicon)
            done = self._marked(text, reading, words, changed)
            yield done
            words, changed = words + done.words, changed + done.changed

    def detect(self, text: str, false_positives: float) -> Detection:
        """Look for each key; each pair in each context counts once."""
        slots = self._distinct(read(text, self._lexicon))
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

    def _marked(self, text: str, reading: Reading, before: int, already: int) -> Substituted:
        secret, pieces, at, changed = self._secrets[self.key_id], [], 0, 0
        most = CHANGED * (before + reading.words)
        for slot in reading.slots:
            wanted = self._preferred(slot, secret)
            cost = slot.pair.forms[slot.at].count(" ") + 1
            if wanted == slot.at or already + changed + cost > most:
                continue
            pieces += [text[at : slot.start], _written(slot, wanted, text)]
            at, changed = slot.end, changed + cost
        return Substituted(
            "".join([*pieces, text[at:]]), reading.words, len(reading.slots), changed
        )

    def _distinct(self, reading: Reading) -> tuple[Slot, ...]:
        """The first slot of each pair in each context: repeats tell nothing new."""
        seen: dict[tuple[tuple[str, str], str], Slot] = {}
        for slot in reading.slots:
            seen.setdefault((slot.pair.forms, self._preference.context(slot)), slot)
        return tuple(seen.values())

    def _score(self, slots: tuple[Slot, ...], secret: bytes) -> Score:
        shares = [self._preference.share(slot) for slot in slots]
        chances = [
            share if slot.at else 1 - share for slot, share in zip(slots, shares, strict=True)
        ]
        return score(chances, [self._preferred(slot, secret) == slot.at for slot in slots])

    def _preferred(self, slot: Slot, secret: bytes) -> int:
        said = "\0".join((*slot.pair.forms, self._preference.context(slot)))
        drawn = blake2b(said.encode(), key=secret, digest_size=8).digest()
        return int(int.from_bytes(drawn) < self._preference.share(slot) * 2.0**64)


def _written(slot: Slot, wanted: int, text: str) -> str:
    """The other form, with the capital and the kind of apostrophe that the text has there."""
    form = slot.pair.forms[wanted]
    if text[slot.start].isupper():
        form = form[0].upper() + form[1:]
    return form.replace("'", "\u2019") if "\u2019" in text else form


def _secret(key: Key, purpose: str) -> bytes:
    return key.derive(f"mark {purpose}")
