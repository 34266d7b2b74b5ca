"""BCH over GF(2^7): five wrong bits in a word are found and put right. Pure.

Words are integers, and polynomials over GF(2): bit ``i`` is the coefficient of x^i. Decoding is
Berlekamp's algorithm and Chien's search (Lin and Costello, "Error Control Coding", 2004, ch. 6).
"""

from collections.abc import Iterator, Sequence

CORRECTS = 5
"""Bits of a word."""
_DEGREE = 7
_SIZE = (1 << _DEGREE) - 1
_MODULUS = 0b1000_1001
"""x^7 + x^3 + 1."""


def _powers() -> Iterator[int]:
    power: int = 1
    for _ in range(_SIZE):
        yield power
        power <<= 1
        power ^= _MODULUS if power >> _DEGREE else 0


_POWERS = tuple(_powers())
_LOGARITHMS = {power: exponent for exponent, power in enumerate(_POWERS)}


def _power(exponent: int) -> int:
    return _POWERS[exponent % _SIZE]


def _times(one: int, other: int) -> int:
    return _power(_LOGARITHMS[one] + _LOGARITHMS[other]) if one and other else 0


def _over(one: int, other: int) -> int:
    return _power(_LOGARITHMS[one] - _LOGARITHMS[other]) if one else 0


def _generator() -> int:
    """The polynomial whose roots are the first powers of the field's element, and their kin."""
    roots = {(odd << turn) % _SIZE for odd in range(1, 2 * CORRECTS, 2) for turn in range(_DEGREE)}
    terms = [1]
    for root in roots:
        by_root = [*(_times(term, _power(root)) for term in terms), 0]
        terms = [one ^ other for one, other in zip([0, *terms], by_root, strict=True)]
    return sum(term << place for place, term in enumerate(terms))


_GENERATOR = _generator()
PARITY = _GENERATOR.bit_length() - 1
"""Bits that are added to a message."""
LONGEST = _SIZE - PARITY
"""Bits of a message."""


def word_of(message: int) -> int:
    """Give a message with its parity behind it."""
    rest = shifted = message << PARITY
    while (excess := rest.bit_length() - PARITY) > 0:
        rest ^= _GENERATOR << (excess - 1)
    return shifted | rest


def corrected(word: int, length: int) -> int | None:
    """Give the word of so many bits that is near, or None where none is."""
    syndromes = [_syndrome(word, exponent) for exponent in range(1, 2 * CORRECTS + 1)]
    if not any(syndromes):
        return word
    locator = _locator(syndromes)
    wrong = [place for place in range(length) if not _value(locator, -place)]
    if len(wrong) != len(locator) - 1 or len(wrong) > CORRECTS:
        return None
    for place in wrong:
        word ^= 1 << place
    return word


def _syndrome(word: int, exponent: int) -> int:
    total = 0
    for place in range(word.bit_length()):
        total ^= _power(place * exponent) if word >> place & 1 else 0
    return total


def _value(terms: Sequence[int], exponent: int) -> int:
    total = 0
    for place, term in enumerate(terms):
        total ^= _times(term, _power(place * exponent))
    return total


def _locator(syndromes: Sequence[int]) -> list[int]:
    """The shortest polynomial that foretells each syndrome from those before it."""
    terms, before, last, gap = [1], [1], 1, 1
    for number in range(len(syndromes)):
        off = 0
        for place, term in enumerate(terms[: number + 1]):
            off ^= _times(term, syndromes[number - place])
        if not off:
            gap += 1
            continue
        better = _minus(terms, before, _over(off, last), gap)
        if 2 * (len(terms) - 1) <= number:
            before, last, gap = terms, off, 0
        terms, gap = better, gap + 1
    return _trimmed(terms)


def _minus(terms: Sequence[int], others: Sequence[int], factor: int, gap: int) -> list[int]:
    less = [0] * gap + [_times(other, factor) for other in others]
    length = max(len(terms), len(less))
    padded = [[*some, *[0] * (length - len(some))] for some in (terms, less)]
    return [one ^ other for one, other in zip(*padded, strict=True)]


def _trimmed(terms: list[int]) -> list[int]:
    while len(terms) > 1 and not terms[-1]:
        terms = terms[:-1]
    return terms
