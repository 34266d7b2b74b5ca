"""Everything wrong in a set of policies, told together."""

from collections.abc import Container, Iterable, Iterator
from difflib import get_close_matches

from guardrails.core.errors import PolicyError
from guardrails.core.problem import Place, Problem


class Problems:
    """Collects problems on the way, so that an author sees all of them at once."""

    def __init__(self) -> None:
        self._found: set[Problem] = set()

    def add(self, place: Place, message: str) -> None:
        """Note a problem; the same one twice counts once."""
        self._found.add(Problem(place, message))

    def within(self, files: Container[str]) -> Iterator[Problem]:
        """Those in some of the files."""
        return (problem for problem in self._found if problem.place.file in files)

    def raise_any(self) -> None:
        """End here if something is wrong.

        Raises:
            PolicyError: holds every problem, sorted by place.
        """
        if self._found:
            raise PolicyError(tuple(sorted(self._found)))


def quoted(names: Iterable[str]) -> str:
    """Names for a message: ``'a', 'b'``."""
    return ", ".join(f"'{name}'" for name in names)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "known are") -> str:
    """The way out of an unknown name: the nearest known one, or all of them."""
    names = {one.lower(): one for one in sorted(known)}
    if near := get_close_matches(name.lower(), names, n=1):
        return f"did you mean '{names[near[0]]}'?"
    return f"{otherwise} {quoted(names.values())}" if names else "there are no others"
