"""How dates and times are written: in numbers, and in the words of eight languages. Tables."""

from collections.abc import Sequence

_MONTHS = (
    # English; the short words that mean something else only with a capital
    "(?-i:May|MAY|Mar)|March|Jan(?:uary)?|Feb(?:ruary)?|Apr(?:il)?|June?|July?|Aug(?:ust)?",
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?",
    # German, Dutch
    "Jan(?:uar|uari|ner)|Jänner|Feb(?:ruar|ruari)|März|maart|(?-i:Mai|mei)|Jun[io]|Jul[io]",
    "augustus|Okt(?:ober)?|Dez(?:ember)?",
    # French
    "janvier|février|mars|avril|(?-i:mai)|juin|juillet|août|septembre|octobre|novembre|décembre",
    # Spanish, Portuguese, Italian
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre",
    "diciembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro",
    "gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre",
    # Polish, in the genitive that dates have
    "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października",
    "listopada|grudnia",
)
_DAYS = (
    "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?-i:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch",
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    "lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
)
_MONTH = rf"(?:{'|'.join(_MONTHS)})\b\.?"
_DAY = rf"(?:(?:{'|'.join(_DAYS)})\b\.?,? )?"
_NTH = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|º|ª|\.)?"
_YEAR = r"(?:1[5-9]|20)\d\d"
_SHORT_YEAR = rf"(?:{_YEAR}|'?\d\d)"
_OF = r"(?: ?of | de | del | |-)"
_D, _M = r"(?:3[01]|[12]\d|0?[1-9])", r"(?:1[0-2]|0?[1-9])"
_HOURS = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,6})?"
_ZONE = r"(?: ?(?:[AaPp]\.?[Mm]\b\.?|Z\b|UTC|GMT|CET|CEST|[ECMP][SD]T|[+-]\d\d:?\d\d))?"
_THEN = rf"(?:(?:,? (?:at |um |à )?|T){_HOURS}{_ZONE})?"

_WORD = r"[^\W\d_]{3,11}[.,]{0,2}"
_SOON = rf"(?=\d|{_WORD}[ -](?:(?:{_WORD}|of|de|del) )?\d)"
_SIGN = r"(?=\d{1,2}[-./])"
"""What a date begins with, looked for first: it is seldom there, and the words are many."""

_DAY_MONTH = rf"{_NTH}{_OF}{_MONTH}(?:(?:,? | de | del |-){_SHORT_YEAR}(?!\d))?{_THEN}"
_MONTH_DAY = rf"{_MONTH}[ -]{_NTH}(?!\d)(?:(?:, ?| |-){_YEAR}(?!\d))?{_THEN}"
_MONTH_YEAR = rf"{_MONTH}(?:,? of |,? de |,? del |,? |-){_YEAR}(?!\d)"

PATTERNS: Sequence[tuple[str, float]] = (
    (rf"(?<![\w.-]){_SOON}(?:{_DAY}(?:{_DAY_MONTH}|{_MONTH_DAY})|{_MONTH_YEAR})", 0.7),
    (rf"(?<![\w./-]){_YEAR}([-./]){_M}\1{_D}(?![\d-]){_THEN}", 0.8),
    (
        rf"(?<![\w./-]){_SIGN}{_D}([-./])(?:{_D}|[A-Z][a-z]{{2}})\1{_YEAR}(?![\d-]){_THEN}",
        0.8,
    ),
    (
        rf"(?<![\w./-]){_SIGN}(?:{_D}/{_D}/\d\d|{_D}-(?-i:[A-Z][a-z]{{2}})-\d\d)(?![\w/-])",
        0.55,
    ),
    (rf"(?<![\w./-]){_SIGN}{_D}\. ?{_D}\.(?: ?\d\d)(?![\w.])", 0.45),
    (rf"(?<![\w:.]){_HOURS} ?(?:[AaPp]\.?[Mm]\b|Z\b|UTC|GMT)", 0.6),
)
"""What a date looks like, with its score; what is only a date beside a word is left to the net."""

BIRTH = (
    *("born", "birth", "dob", "d.o.b", "birthday", "bday", "geboren", "geburtsdatum", "geb."),
    *(
        "né le",
        "née le",
        "naissance",
        "nacimiento",
        "nacido",
        "nacida",
        "nascita",
        "nato il",
        "nata il",
    ),
    *("nascimento", "nascido", "nascida", "geboortedatum", "urodzenia", "urodzony", "urodzona"),
)
"""Words before a date that make it a date of birth."""
