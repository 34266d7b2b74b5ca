"""Surrogates: likely values of the same kind that belong to nobody, the same for the same value.

Names and places come from Faker; what is made of digits keeps its shape, and its checksum where
others would check it.
"""

import hmac
import re
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from random import Random
from types import MappingProxyType

from faker import Faker

from guardrails.hiding.values import same

_TRIES = 64
_STOCK = 2000
_KINDS = ("name", "company", "street_address", "city", "country", "prefix")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_KEEP_AT_FRONT = 2  # digits of a year or of a country code that a number starts with


def warm() -> None:
    """Draw the stocks now, which takes a second, and not in a request."""
    for kind in _KINDS:
        _words(kind)


class Surrogates:
    """The surrogates of one request.

    Args:
        seed: decides them all; random for each request, so that nobody can guess them.
    """

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._given: dict[tuple[str, str], str] = {}
        self._used: set[str] = set()

    def surrogate(self, category: str, value: str) -> str:
        """Give what stands for a value; no two values share it, and none is its own."""
        key = (category, same(category, value))
        if key not in self._given:
            self._used.add(same(category, value))
            self._given[key] = self._fresh(category, value, key)
        return self._given[key]

    def _fresh(self, category: str, value: str, key: tuple[str, str]) -> str:
        for candidate in self._candidates(category, value, key):
            taken = same(category, candidate)
            if taken not in self._used:
                self._used.add(taken)
                return candidate
        return f"<{category.upper()}>"  # a value of one or two characters has few others

    def _candidates(self, category: str, value: str, key: tuple[str, str]) -> Iterator[str]:
        make = next((maker for word, maker in _MAKERS.items() if word in category.upper()), _shaped)
        for attempt in range(_TRIES):
            digest = hmac.digest(self._seed, repr((key, attempt)).encode(), "sha256")
            yield make(Random(digest), value)  # noqa: S311  # not a secret: the seed is, and is hashed


def _faked(kind: str) -> Callable[[Random, str], str]:
    """Let Faker make one, drawn by our own random numbers, so that threads share nothing."""

    def make(random: Random, value: str) -> str:
        words = _words(kind)
        return _like(value, words[random.randrange(len(words))])

    return make


@cache
def _words(kind: str) -> tuple[str, ...]:
    """Draw a stock once: Faker's own generator is no friend of threads."""
    faker = Faker("en_US")
    faker.seed_instance(1)
    return tuple(dict.fromkeys(str(getattr(faker, kind)()) for _ in range(_STOCK)))


def _like(value: str, made: str) -> str:
    """Keep the case of the whole, and a single word single."""
    if " " not in value.strip():
        made = made.split(maxsplit=1)[0]
    return made.upper() if value.isupper() else made.lower() if value.islower() else made


def _email(random: Random, value: str) -> str:
    return _shaped(random, value.partition("@")[0]) + "@example.com"


def _card(random: Random, value: str) -> str:
    """A number of the range that is kept for tests, right by Luhn (ISO/IEC 7812-1)."""
    count = sum(map(str.isdecimal, value))
    digits = [4] + [random.randrange(10) for _ in range(max(count - 2, 0))]
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[::-1][::2]]  # noqa: PLR2004
    check = -(sum(doubled) + sum(digits[::-1][1::2])) % 10
    return _filled(value, [*digits, check])


def _iban(random: Random, value: str) -> str:
    """Another account of the same country, right by ISO 7064 mod 97."""
    letters = [letter for letter in value if letter.isalnum()]
    body = _shaped(random, "".join(letters[4:]))
    country = "".join(letters[:2]).upper()
    number = "".join(str(int(letter, 36)) for letter in f"{body.upper()}{country}00")
    return _laid_out(value, f"{country}{98 - int(number) % 97:02}{body}")


def _phone(random: Random, value: str) -> str:
    """The same shape; what comes before the first gap, a country or area code, stays."""
    front = re.match(r"\+\d{1,3}|\(?\d{2,4}\)?(?=\D)", value.strip())
    kept = front.end() if front else 0
    return value[:kept] + _shaped(random, value[kept:])


def _date(random: Random, value: str) -> str:
    """Another day of the same century for a plain date, else another in its shape."""
    found = _ISO_DATE.fullmatch(value)
    if not found:
        return re.sub(r"\d+", lambda number: _number_like(random, number[0]), value)
    year = int(found[1]) // 100 * 100
    return (date(year, 1, 1) + timedelta(days=random.randrange(36_500))).isoformat()


def _number_like(random: Random, number: str) -> str:
    """A number that can stand for a day, a month or a year."""
    if len(number) > _KEEP_AT_FRONT:
        return number[:_KEEP_AT_FRONT] + _shaped(random, number[_KEEP_AT_FRONT:])
    return str(random.randrange(1, 13)).rjust(len(number), "0")


def _ip(random: Random, value: str) -> str:
    """An address that is kept for documentation (RFC 5737, RFC 3849)."""
    if ":" in value:
        return "2001:db8::" + ":".join(f"{random.randrange(1, 0xFFFF):x}" for _ in range(3))
    net = random.choice(("192.0.2", "198.51.100", "203.0.113"))
    return f"{net}.{random.randrange(1, 255)}"


def _url(random: Random, value: str) -> str:
    scheme = value[: value.find("://") + 3] if "://" in value else ""
    return f"{scheme}example.com/{_shaped(random, 'aaaaaaaa')}"


def _age(random: Random, value: str) -> str:
    return re.sub(r"\d+", lambda _: str(random.randrange(18, 90)), value)


def _shaped(random: Random, value: str) -> str:
    """Other digits and letters in the same places."""
    return "".join(_other(random, letter) for letter in value)


def _other(random: Random, letter: str) -> str:
    if letter.isdecimal():
        return random.choice(string.digits)
    if letter.isalpha():
        return random.choice(string.ascii_uppercase if letter.isupper() else string.ascii_lowercase)
    return letter


def _filled(value: str, digits: list[int]) -> str:
    left = iter(digits)
    return "".join(str(next(left, 0)) if letter.isdecimal() else letter for letter in value)


def _laid_out(value: str, letters: str) -> str:
    left = iter(letters)
    return "".join(next(left, "") if letter.isalnum() else letter for letter in value)


_MAKERS: Mapping[str, Callable[[Random, str], str]] = MappingProxyType(
    {
        "PERSON": _faked("name"),
        "ORGANIZATION": _faked("company"),
        "STREET": _faked("street_address"),
        "GPE": _faked("city"),
        "LOCATION": _faked("city"),
        "NRP": _faked("country"),
        "TITLE": _faked("prefix"),
        "EMAIL": _email,
        "CARD": _card,
        "IBAN": _iban,
        "PHONE": _phone,
        "DATE": _date,
        "IP_ADDRESS": _ip,
        "URL": _url,
        "DOMAIN": _url,
        "AGE": _age,
    }
)
"""The first whose name is in the category makes the surrogate; all others keep their shape."""
