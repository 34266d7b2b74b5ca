"""Hosts as browsers read them, and which ones resemble one another."""

import re
from dataclasses import dataclass
from itertools import takewhile
from operator import eq
from unicodedata import name, normalize
from urllib.parse import unquote

import idna

from guardrails.checks.normalise.homoglyphs import folded

_PORT = re.compile(r":[0-9]*\Z")
_PUNYCODE = "xn--"
DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_NUMERIC = re.compile(r"(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){0,3}")
_ALIKE_SCRIPTS = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"))
_FIGURES = str.maketrans("01358", "olesb")
_SHORTEST_NAME = 5
"""Characters of a name for which one that is off by a letter is suspicious."""


@dataclass(frozen=True, slots=True)
class Host:
    """Where a link leads: ``name`` as the DNS has it, ``shown`` as a reader sees it."""

    name: str
    shown: str
    is_punycode: bool = False
    """Whether it was written in punycode."""

    @property
    def is_address(self) -> bool:
        """Whether it is an IP address, in any of the forms that browsers read."""
        return self.name.startswith("[") or _NUMERIC.fullmatch(self.name) is not None

    @property
    def mixes_scripts(self) -> bool:
        """Whether a label of it mixes scripts that look alike."""
        return any(len(_scripts(label)) > 1 for label in self.shown.split("."))

    def under(self, domain: str) -> bool:
        """Whether it is this domain, or one below it."""
        return self.name == domain or self.name.endswith(f".{domain}")


def host(written: str) -> Host:
    """Read a host, with or without a port, as a browser does."""
    plain = normalize("NFKC", unquote(_PORT.sub("", written))).translate(DOTS).lower().strip(".")
    punycode = any(label.startswith(_PUNYCODE) for label in plain.split("."))
    return Host(_to_ascii(plain), _to_unicode(plain), punycode)


def resembles(candidate: Host, domain: str) -> bool:
    """Whether a reader may take a host for a domain that it is not under.

    Compares skeletons (Unicode UTS #39), and lets one letter be wrong, missing, added or swapped.
    """
    if candidate.under(domain):
        return False
    if f".{domain}." in f".{candidate.shown}":
        return True
    labels = candidate.shown.split(".")[-1 - domain.count(".") :]
    seen, real = _skeleton(".".join(labels)), _skeleton(domain)
    return seen == real or (len(domain.partition(".")[0]) >= _SHORTEST_NAME and _near(seen, real))


def _to_ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return name


def _to_unicode(name: str) -> str:
    return ".".join(map(_label_shown, name.split(".")))


def _label_shown(label: str) -> str:
    if not label.startswith(_PUNYCODE):
        return label
    try:
        return label.removeprefix(_PUNYCODE).encode().decode("punycode")
    except UnicodeError:
        return label


def _scripts(label: str) -> frozenset[str]:
    letters = (name(letter, "").partition(" ")[0] for letter in label if letter.isalpha())
    return _ALIKE_SCRIPTS.intersection(letters)


def _skeleton(shown: str) -> str:
    plain = folded(shown).lower().translate(_FIGURES)
    return plain.replace("rn", "m").replace("vv", "w").replace("cl", "d")


def _near(left: str, right: str) -> bool:
    """Whether one edit, or two letters that changed places, lies between them."""
    if abs(len(left) - len(right)) > 1:
        return False
    left, right = _differing(left, right)
    left, right = (part[::-1] for part in _differing(left[::-1], right[::-1]))
    return max(len(left), len(right)) <= 1 or (len(left) == len("ab") and left == right[::-1])


def _differing(left: str, right: str) -> tuple[str, str]:
    """Drop what both begin with."""
    same = sum(1 for _ in takewhile(bool, map(eq, left, right)))
    return left[same:], right[same:]
