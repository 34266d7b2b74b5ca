"""Made-up values for the slots of templates, from many countries; no person is behind any."""

import string
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from faker import Faker

LOCALES = (
    ("en_US", 8), ("en_GB", 4), ("en_AU", 2), ("en_CA", 2), ("en_IN", 2), ("de_DE", 2),
    ("fr_FR", 2), ("es_ES", 2), ("it_IT", 2), ("pt_BR", 2), ("nl_NL", 1), ("pl_PL", 1),
    ("fi_FI", 1), ("sv_SE", 1), ("da_DK", 1), ("no_NO", 1), ("cs_CZ", 1), ("tr_TR", 1),
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NATIONS = (
    "American", "British", "Swedish", "Nigerian", "Kenyan", "Mexican", "Canadian", "German",
    "French", "Polish", "Turkish", "Egyptian", "Korean", "Vietnamese", "Filipino", "Brazilian",
    "Catholic", "Muslim", "Jewish", "Hindu", "Buddhist", "Sikh", "Protestant", "Mormon", "Quaker",
    "Republican", "Democrat", "Labour", "Tory", "Green", "Liberal", "socialist", "Cherokee",
    "Navajo", "Kurdish", "Roma", "Sami", "Zulu", "Basque", "Catalan", "Syrians", "Italians",
    "Danes", "Chinese", "Japanese", "Indian", "Pakistani", "Irish", "Scottish", "Welsh",
)  # fmt: skip
TITLES = (
    "Mr.", "Mrs.", "Ms.", "Miss", "Dr.", "Prof.", "Mr", "Mrs", "Ms", "Dr", "Sir", "Dame",
    "Rev.", "Professor", "Capt.", "Herr", "Frau", "Madame", "Monsieur", "Señor", "Señora",
)  # fmt: skip
SUFFIXES = (
    "Inc", "Ltd", "LLC", "GmbH", "plc", "Group", "& Sons", "Bank", "University", "Hospital",
    "Foundation", "Institute", "Airlines", "Council", "Museum", "FC", "AG", "S.A.", "SpA",
)  # fmt: skip
PLACES = ("Lake {}", "the {} river", "Mount {}", "{} Bay", "{} Park", "{} station", "{} airport",
          "{} Bridge", "{} Forest", "{} Island")  # fmt: skip
Value = Callable[["Values"], str]


class Values:
    """Draws values, each time from another country."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._fakers = {locale: Faker(locale) for locale, _ in LOCALES}
        for faker in self._fakers.values():
            faker.seed_instance(seed)
        self.faker = self._fakers["en_US"]

    def move(self) -> None:
        """Go to another country, so that the values of one text fit each other."""
        names, weights = zip(*LOCALES, strict=True)
        self.faker = self._fakers[self.random.choices(names, weights)[0]]

    def draw(self, slot: str) -> str:
        """Draw a value for a slot."""
        return SLOTS[slot][1](self)

    def digits(self, shape: str) -> str:
        """Fill a shape: # is a digit, ? a letter."""
        letters = {"#": string.digits, "?": string.ascii_uppercase}
        return "".join(self.random.choice(letters[one]) if one in letters else one for one in shape)

    def one(self, *shapes: str) -> str:
        """Fill one of several shapes."""
        return self.digits(self.random.choice(shapes))


def _person(values: Values) -> str:
    faker, random = values.faker, values.random
    first, last = faker.first_name(), faker.last_name()
    forms = (
        (10, f"{first} {last}"), (3, first), (2, last), (1, f"{first[0]}. {last}"),
        (1, f"{last}, {first}"), (1, f"{first} {values.digits('?')}. {last}"),
        (1, f"{first} {faker.first_name()} {last}"), (1, f"{last} {first}"),
        (1, f"{first} {last}-{faker.last_name()}"),
    )  # fmt: skip
    return random.choices([form for _, form in forms], [weight for weight, _ in forms])[0]


def _organisation(values: Values) -> str:
    faker, random = values.faker, values.random
    if random.random() < 0.5:  # noqa: PLR2004
        return faker.company()
    stem = random.choice((faker.last_name(), faker.city(), faker.word().title()))
    return f"{stem} {random.choice(SUFFIXES)}"


def _date(values: Values) -> str:
    day = values.faker.date_object()
    month = MONTHS[day.month - 1]
    return values.random.choice((
        day.isoformat(), f"{day.day:02}/{day.month:02}/{day.year}",
        f"{day.month}/{day.day}/{day:%y}",
        f"{day.day:02}.{day.month:02}.{day.year}", f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}", f"{month} {day.year}", f"{month[:3]} {day.day}",
        f"{day.day}th of {month}", f"{day.day} {month[:3]} {day:%y}", f"{month} {day.day}th",
        str(day.year), f"{day.year}s", f"{day:%d-%b-%Y}", f"{day.day}.{day.month}.",
    ))  # fmt: skip


def _when(values: Values) -> str:
    random = values.random
    hour, minute = random.randrange(24), random.randrange(60)
    return random.choice((
        random.choice(DAYS), f"next {random.choice(DAYS)}", f"last {random.choice(MONTHS)}",
        f"{hour:02}:{minute:02}", f"{hour % 12 + 1}pm", f"{hour % 12 + 1}:{minute:02} am",
        "tomorrow", "yesterday", "last week", "two days ago", "this morning", "next year",
        f"{random.choice(DAYS)} at {hour:02}:{minute:02}", f"the {random.randrange(2, 29)}th",
    ))  # fmt: skip


def _street(values: Values) -> str:
    faker, random = values.faker, values.random
    street = faker.street_address().replace("\n", ", ")
    whole = faker.address()
    return random.choices(
        (street, whole.replace("\n", ", "), whole, f"{street}, {faker.city()}"), (5, 3, 2, 2)
    )[0]


def _place(values: Values) -> str:
    return values.random.choice(PLACES).format(values.faker.last_name())


def _region(values: Values) -> str:
    faker = values.faker
    for kind in ("administrative_unit", "state", "region", "county", "department_name"):
        if hasattr(faker, kind):
            return str(getattr(faker, kind)())
    return str(faker.city())


def _faked(kind: str) -> Value:
    return lambda values: str(getattr(values.faker, kind)())


def _shaped(*shapes: str) -> Value:
    return lambda values: values.one(*shapes)


def _password(values: Values) -> str:
    plain = values.faker.password(length=values.random.randrange(8, 15))
    words = f"{values.faker.word().title()}{values.digits('##')}{values.random.choice('!?#*')}"
    return values.random.choice((plain, plain, words))


def _chosen(*some: str) -> Value:
    return lambda values: values.random.choice(some)


def _number(values: Values) -> str:
    return values.one("#", "##", "###", "####", "#,###", "##.#", "#.##", "######")


SLOTS: Mapping[str, tuple[str, Value]] = MappingProxyType(
    {
        "PERSON": ("PERSON", _person),
        "FIRST": ("PERSON", _faked("first_name")),
        "LAST": ("PERSON", _faked("last_name")),
        "ORG": ("ORGANIZATION", _organisation),
        "CITY": ("GPE", _faked("city")),
        "COUNTRY": ("GPE", _faked("country")),
        "REGION": ("GPE", _region),
        "PLACE": ("LOCATION", _place),
        "STREET": ("STREET_ADDRESS", _street),
        "ZIP": ("ZIP_CODE", _faked("postcode")),
        "DATE": ("DATE_TIME", _date),
        "WHEN": ("DATE_TIME", _when),
        "AGE": ("AGE", lambda values: str(values.random.randrange(1, 100))),
        "NRP": ("NRP", _chosen(*NATIONS)),
        "TITLE": ("TITLE", _chosen(*TITLES)),
        "PHONE": ("PHONE_NUMBER", _faked("phone_number")),
        "LICENCE": (
            "DRIVER_LICENSE",
            _shaped("?#######", "#########", "??######", "?###-####-####"),
        ),
        "PASSPORT": ("PASSPORT", _shaped("#########", "?########", "??#######")),
        "ACCOUNT": (
            "BANK_ACCOUNT",
            _shaped("##########", "############", "########", "####-######"),
        ),
        "MRN": ("MEDICAL_RECORD", _shaped("########", "MRN######", "??-######", "#######")),
        "PLATE": ("LICENSE_PLATE", _shaped("???-####", "??## ???", "#???###", "??-??-###")),
        "USER": ("USERNAME", _faked("user_name")),
        "PASSWORD": ("PASSWORD", _password),
        "EMAIL": ("", _faked("email")),
        "URL": ("", _faked("url")),
        "DOMAIN": ("", _faked("domain_name")),
        "IP": ("", _faked("ipv4")),
        "CARD": ("", _faked("credit_card_number")),
        "IBAN": ("", _faked("iban")),
        "SSN": ("", _shaped("###-##-####")),
        "NUM": ("", _number),
        "ORDER": ("", _shaped("#######", "ORD-#####", "#####-##", "INV/####/##", "??####")),
        "PRICE": ("", _shaped("$##.##", "€###", "£#,###", "##.## USD", "#### kr")),
        "VERSION": ("", _shaped("#.#.#", "v#.##", "##.#.##", "#.#.#-rc#")),
        "WORD": ("", _faked("word")),
    }
)
"""The kind of each slot, "" where the net shall name nothing, and how a value is drawn."""
