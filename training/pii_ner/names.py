"""Names of persons and of organisations, and what people call themselves on the net."""

from random import Random

from faker import Faker

from pii_ner.words import CITIES, COMPANIES, COUNTRIES, FIRST_NAMES, HISTORIC, LAST_NAMES

TITLES = ("Mr.", "Mrs.", "Ms.", "Miss", "Dr.", "Prof.", "Mr", "Mrs", "Ms", "Dr", "Sir", "Dame", "Lady",
          "Rev.", "Professor", "Capt.", "Herr", "Frau", "Madame", "Monsieur", "Señor", "Señora", "Mx.",
          "Lord", "Father", "Sgt.", "Mme", "Dott.", "Sra.", "Prof. Dr.", "Signora", "Mevrouw", "Hon.")  # fmt: skip
SUFFIXES = ("Jr.", "Sr.", "III", "II", "PhD", "MD", "Esq.", "MBA")
FORMS = ("Inc", "Inc.", "Ltd", "Ltd.", "LLC", "GmbH", "plc", "Group", "& Sons", "& Co.", "AG", "S.A.", "SpA",
         "Corp.", "Corporation", "Holdings", "Partners", "LLP", "BV", "AB", "Oy", "Pty Ltd", "e.V.")  # fmt: skip
TRADES = (
    "Bank", "University", "Hospital", "Foundation", "Institute", "Airlines", "Council", "Museum", "FC",
    "Clinic", "High School", "Primary School", "College", "Insurance", "Pharmacy", "Bakery", "Motors",
    "Logistics", "Consulting", "Software", "Systems", "Technologies", "Labs", "Energy", "Electric",
    "Construction", "Law Firm", "Medical Center", "Dental Practice", "Church", "Police Department",
    "Credit Union", "Savings Bank", "Media", "Press", "Times", "Post", "Foods", "Coffee", "Brewery",
    "Hotel", "Theatre", "Orchestra", "Rugby Club", "Housing Association", "Library", "Solutions",
)  # fmt: skip
PATTERNS = (
    "University of {city}", "Bank of {city}", "{city} City Council", "{city} General Hospital",
    "St. {first}'s Hospital", "St {first}'s School", "Ministry of Health of {country}", "{last} & {last2}",
    "{last}, {last2} & {last3}", "The {last} Group", "{last} Brothers", "{city} Police", "{city} United",
    "The {city} Times", "Royal {city} Hospital", "{country} Airways", "Embassy of {country}",
    "National Bank of {country}", "{last} Foundation", "{first}'s Diner", "{last}'s Bakery",
    "the Department of {thing}", "Ministry of {thing}", "Society for {thing}", "{city} Chamber of Commerce",
)  # fmt: skip
THINGS = ("Education", "Transport", "Labour", "Finance", "Foreign Affairs", "Housing", "Agriculture",
          "Public Works", "Health", "Veterans Affairs", "Natural History", "Applied Physics")  # fmt: skip
SYLLABLES = ("ac", "ve", "lo", "ty", "zen", "nova", "flex", "data", "cor", "tri", "max", "lum", "in", "qua",
             "sys", "bio", "ter", "ra", "ven", "eco", "hub", "ly", "fy", "dex", "opti", "sol", "ar")  # fmt: skip


def first(faker: Faker, random: Random) -> str:
    """Draw a first name; now and then one that is a word too."""
    if random.random() < 0.2:  # noqa: PLR2004
        return random.choice(FIRST_NAMES)
    return faker.first_name()


def last(faker: Faker, random: Random) -> str:
    """Draw a family name; now and then one that is a word too."""
    if random.random() < 0.2:  # noqa: PLR2004
        return random.choice(LAST_NAMES)
    return faker.last_name()


def person(faker: Faker, random: Random) -> str:
    """Draw a name as people write it."""
    one, two, family = first(faker, random), first(faker, random), last(faker, random)
    forms = (
        (12, f"{one} {family}"), (3, one), (1, family), (1, f"{one[0]}. {family}"), (1, f"{family}, {one}"),
        (1, f"{one} {two[0]}. {family}"), (1, f"{one} {two} {family}"), (0.5, f"{family} {one}"),
        (1, f"{one} {family}-{last(faker, random)}"), (0.3, f"{one} {family} {random.choice(SUFFIXES)}"),
        (0.3, f"{one[0]}.{two[0]}. {family}"), (0.3, f"{one} '{two}' {family}"), (0.3, f"{family} {one[0]}"),
        (0.4, f"{family}, {one} {two[0]}."), (0.8, random.choice(HISTORIC)), (0.3, f"{one}-{two} {family}"),
        (0.2, f"{one} {family}, {random.choice(SUFFIXES)}"),
    )  # fmt: skip
    return random.choices([form for _, form in forms], [weight for weight, _ in forms])[0]


def brand(random: Random) -> str:
    """Make up a name of a firm."""
    return "".join(random.choices(SYLLABLES, k=random.choice((2, 2, 3)))).title()


def organisation(faker: Faker, random: Random) -> str:
    """Draw an organisation: made up, most often, else one that everybody knows."""
    stem = random.choice((last(faker, random), random.choice(CITIES), brand(random), brand(random)))
    pattern = random.choice(PATTERNS).format(
        city=random.choice(CITIES), country=random.choice(COUNTRIES), first=first(faker, random),
        last=last(faker, random), last2=last(faker, random), last3=last(faker, random),
        thing=random.choice(THINGS),
    )  # fmt: skip
    letters = "".join(random.choices("ABCDEFGHIKLMNOPRSTUVW", k=random.choice((2, 3, 3, 4))))
    return random.choices(
        (faker.company(), f"{stem} {random.choice(FORMS)}", f"{stem} {random.choice(TRADES)}", pattern,
         brand(random), letters, random.choice(COMPANIES)),
        (5, 2, 3, 3, 1, 0.7, 4),
    )[0]  # fmt: skip


def handle(faker: Faker, random: Random) -> str:
    """Make up the name of a user."""
    name, number = first(faker, random).lower().replace(" ", ""), random.randrange(1, 2010)
    word = str(faker.word()).lower().replace(" ", "")
    return random.choice((faker.user_name(), faker.user_name(), f"{name}{number}", f"{name}_{word}",
                          f"{word}{name.title()}", f"the_real_{name}", f"{name}.{word}", f"xX{word}{number}Xx"))  # fmt: skip
