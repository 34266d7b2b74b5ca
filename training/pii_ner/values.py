"""Made-up values for the slots of templates, from many countries; no person is behind any."""

import string
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from faker import Faker

from pii_ner import names, places, times
from pii_ner.numbers import SHAPES
from pii_ner.words import COMPANIES, HISTORIC, LANGUAGES, NATIONS, PRODUCTS

LOCALES = (
    ("en_US", 10), ("en_GB", 5), ("en_AU", 2), ("en_CA", 2), ("en_IN", 2), ("en_IE", 1), ("en_NZ", 1),
    ("de_DE", 2), ("de_AT", 0.5), ("de_CH", 0.5), ("fr_FR", 2), ("fr_CA", 0.5), ("es_ES", 2),
    ("es_MX", 1), ("es_CO", 0.5), ("it_IT", 2), ("pt_BR", 1), ("pt_PT", 1), ("nl_NL", 1), ("nl_BE", 0.5),
    ("pl_PL", 1), ("fi_FI", 1), ("sv_SE", 1), ("da_DK", 1), ("no_NO", 1), ("cs_CZ", 1), ("tr_TR", 0.5),
    ("hu_HU", 0.5), ("ro_RO", 0.5), ("hr_HR", 0.5), ("vi_VN", 0.5), ("id_ID", 0.5), ("sk_SK", 0.5),
)  # fmt: skip
PHONES = (
    "(###) ###-####", "###-###-####", "###.###.####", "+1 ### ### ####", "+1-###-###-####", "07### ######",
    "020 #### ####", "0#### ######", "+44 7### ######", "+44 (0)20 #### ####", "+49 1## #######", "0## ########",
    "+33 # ## ## ## ##", "0# ## ## ## ##", "+34 ### ### ###", "+39 0# #### ####", "+91 ##### #####",
    "##########", "+61 4## ### ###", "04## ### ###", "###-#### x##", "(0##) ### ## ##", "+358 ## ### ####",
    "+46 ##-### ## ##", "00## ## ### ####", "1-800-###-####", "+55 ## #####-####", "+86 ### #### ####", "###-####",
)  # fmt: skip
FILLERS: Mapping[str, str] = MappingProxyType(
    {
        "#": string.digits,
        "?": string.ascii_uppercase,
        "*": "0123456789abcdef",
        "~": string.ascii_letters + string.digits,
    }
)
NUMBER_WORDS = ("nineteen", "twenty-five", "thirty", "forty-two", "sixty", "seventy-one", "eighty")
Value = Callable[["Values"], str]
Drawn = Callable[[Faker, Random], str]


class Values:
    """Draws values, each time from another country."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._fakers = {locale: Faker(locale) for locale, _ in LOCALES}
        for faker in self._fakers.values():
            faker.seed_instance(seed)
        self._spoken = {
            language: [pair for pair in LOCALES if pair[0].startswith(language)]
            for language in {locale[:2] for locale, _ in LOCALES}
        }
        self.move()

    def move(self, language: str = "") -> None:
        """Go to another country, so that the values of one text fit each other."""
        locales, weights = zip(*self._spoken.get(language, LOCALES), strict=True)
        self.locale = self.random.choices(locales, weights)[0]
        self.faker = self._fakers[self.locale]

    def draw(self, slot: str) -> str:
        """Draw a value for a slot."""
        return SLOTS[slot][1](self).strip()

    def digits(self, shape: str) -> str:
        """Fill a shape."""
        return "".join(self.random.choice(FILLERS.get(one, one)) for one in shape)


def _faked(kind: str) -> Value:
    return lambda values: str(getattr(values.faker, kind)())


def _shaped(shapes: tuple[str, ...]) -> Value:
    return lambda values: values.digits(values.random.choice(shapes))


def _chosen(some: tuple[str, ...]) -> Value:
    return lambda values: values.random.choice(some)


def _drawn(draw: Drawn) -> Value:
    return lambda values: draw(values.faker, values.random)


def _date(values: Values) -> str:
    born = values.faker.date_between(start_date="-95y", end_date="+3y")
    return times.day(born, values.random, values.locale[:2])


def _street(values: Values) -> str:
    draw = values.random.choice((places.line, places.whole))
    return draw(values.faker, values.random, values.digits)


def _line(values: Values) -> str:
    return places.line(values.faker, values.random, values.digits)


def _whole(values: Values) -> str:
    return places.whole(values.faker, values.random, values.digits)


def _phone(values: Values) -> str:
    if values.random.random() < 0.5:  # noqa: PLR2004
        return str(values.faker.phone_number())
    return values.digits(values.random.choice(PHONES))


def _age(values: Values) -> str:
    if values.random.random() < 0.04:  # noqa: PLR2004
        return values.random.choice(NUMBER_WORDS)
    return str(values.random.randrange(1, 102))


def _password(values: Values) -> str:
    faker, random = values.faker, values.random
    plain = faker.password(length=random.randrange(8, 15))
    word = str(faker.word()).replace(" ", "")
    return random.choice((plain, plain, f"{word.title()}{values.digits('##')}{random.choice('!?#*')}",
                          f"{word}{values.digits('####')}", f"{word}-{faker.word()}-{values.digits('##')}",
                          f"P@ss{word}{values.digits('#')}!", values.digits("~" * 10)))  # fmt: skip


def _email(values: Values) -> str:
    faker, random = values.faker, values.random
    host = random.choice((faker.domain_name(), "example.com", "mail.example.org", f"{names.brand(random)}.io"))
    user = random.choice((faker.user_name(), names.handle(faker, random)))
    return random.choice((faker.email(), f"{user}@{host}".lower(), f"{user}+{faker.word()}@{host}"))


def _url(values: Values) -> str:
    faker, word = values.faker, str(values.faker.word()).lower().replace(" ", "-")
    return values.random.choice((
        faker.url(), f"https://www.{faker.domain_name()}/{word}", f"http://t.co/{values.digits('~' * 8)}",
        f"www.{faker.domain_name()}/{word}?id={values.digits('###')}", f"{faker.domain_name()}/{word}",
        f"https://{faker.domain_name()}/{word}/{values.digits('####')}",
    ))  # fmt: skip


def _domain(values: Values) -> str:
    faker, random = values.faker, values.random
    return random.choice((faker.domain_name(), f"www.{faker.domain_name()}", f"mail.{faker.domain_name()}",
                          f"{names.brand(random).lower()}.{random.choice(('com', 'io', 'co.uk', 'de', 'org'))}"))  # fmt: skip


def _card(values: Values) -> str:
    number = str(values.faker.credit_card_number())
    gap = values.random.choice(("", "", " ", "-"))
    return gap.join(number[start : start + 4] for start in range(0, len(number), 4))


def _iban(values: Values) -> str:
    number = str(values.faker.iban())
    gap = values.random.choice(("", " "))
    return gap.join(number[start : start + 4] for start in range(0, len(number), 4))


def _ip(values: Values) -> str:
    return str(values.faker.ipv6() if values.random.random() < 0.2 else values.faker.ipv4())  # noqa: PLR2004


SLOTS: Mapping[str, tuple[str, Value]] = MappingProxyType(
    {name: (kind, _shaped(shapes)) for name, (kind, shapes) in SHAPES.items()}
    | {
        "PERSON": ("PERSON", _drawn(names.person)),
        "FIRST": ("PERSON", _drawn(names.first)),
        "LAST": ("PERSON", _drawn(names.last)),
        "HISTORIC": ("PERSON", _chosen(HISTORIC)),
        "ORG": ("ORGANIZATION", _drawn(names.organisation)),
        "BRAND": ("ORGANIZATION", _chosen(COMPANIES)),
        "CITY": ("GPE", _drawn(places.city)),
        "COUNTRY": ("GPE", _drawn(places.country)),
        "REGION": ("GPE", _drawn(places.region)),
        "PLACE": ("LOCATION", _drawn(places.natural)),
        "STREET": ("STREET_ADDRESS", _street),
        "LINE": ("STREET_ADDRESS", _line),
        "ADDRESS": ("STREET_ADDRESS", _whole),
        "ZIP": ("ZIP_CODE", _faked("postcode")),
        "DATE": ("DATE_TIME", _date),
        "WHEN": ("DATE_TIME", lambda values: times.moment(values.random)),
        "AGE": ("AGE", _age),
        "NRP": ("NRP", _chosen(NATIONS)),
        "TONGUE": ("NRP?", _chosen(LANGUAGES)),
        "TITLE": ("TITLE", _chosen(names.TITLES)),
        "PHONE": ("PHONE_NUMBER", _phone),
        "EMAIL": ("EMAIL_ADDRESS", _email),
        "URL": ("URL", _url),
        "DOMAIN": ("DOMAIN_NAME", _domain),
        "USER": ("USERNAME", _drawn(names.handle)),
        "PASSWORD": ("PASSWORD", _password),
        "CARD": ("CREDIT_CARD", _card),
        "IBAN": ("IBAN_CODE", _iban),
        "IP": ("IP_ADDRESS", _ip),
        "MAC": ("MAC_ADDRESS", _faked("mac_address")),
        "UUID": ("UUID", lambda values: str(values.faker.uuid4())),
        "WORD": ("", _faked("word")),
        "JOB": ("", _faked("job")),
        "PRODUCT": ("", _chosen(PRODUCTS)),
        "SENTENCE": ("", _faked("sentence")),
    }
)  # fmt: skip
"""The kind of each slot, "" where the net shall name nothing, "KIND?" where it may, and a draw."""
