"""Places: made-up streets and towns of many countries, and real towns, regions and countries."""

from collections.abc import Callable
from random import Random

from faker import Faker

from pii_ner.words import CITIES, COUNTRIES, REGIONS, STATES, STREETS

NATURAL = (
    "Lake {}", "the {} river", "Mount {}", "{} Bay", "{} Park", "{} Station", "{} airport",
    "{} Bridge", "{} Forest", "{} Island", "the {} valley", "{} Beach", "Cape {}", "{} Falls",
    "the {} Mountains", "{} Square", "{} harbour", "Fort {}", "{} Castle", "the {} desert",
    "{} Heath", "{} Shopping Centre", "Camp {}", "Port of {}", "{} Glacier", "{} Tower",
)  # fmt: skip
KNOWN = (
    "the Alps", "the Thames", "the Rhine", "Lake Geneva", "Mount Everest", "the Sahara", "the Nile",
    "Central Park", "Times Square", "Heathrow", "JFK", "the Danube", "the Baltic", "Loch Ness",
    "the Black Forest", "the Amazon", "Yellowstone", "the Rocky Mountains", "Niagara Falls",
    "Trafalgar Square", "the Mississippi", "the Pacific", "the Atlantic", "the Eiffel Tower",
    "Ben Nevis", "the Grand Canyon", "Gare du Nord", "Waterloo Station", "the Andes", "Lake Como",
    "Manhattan", "Brooklyn", "Soho", "Kreuzberg", "Montmartre", "the Bronx", "Silicon Valley",
    "Europe", "Africa", "Asia", "South America", "the Middle East", "Scandinavia", "the Balkans",
    "Antarctica", "the Mediterranean", "the North Sea", "the West Coast", "the Midwest",
)  # fmt: skip
UNITS = ("Apt. #", "Apt ##", "Suite ###", "Unit #", "Flat #", "Flat #?", "#### Floor ", "Room ###")
GAPS = (", ", ", ", ", ", "\n", "\n", " ", " - ", "; ")


def city(faker: Faker, random: Random) -> str:
    """Draw a town; Faker's English ones are not real."""
    return random.choice(CITIES) if random.random() < 0.6 else faker.city()  # noqa: PLR2004


def country(faker: Faker, random: Random) -> str:
    """Draw a country, most in English."""
    return random.choice(COUNTRIES) if random.random() < 0.8 else faker.country()  # noqa: PLR2004


def region(faker: Faker, random: Random) -> str:
    """Draw a state, county or region."""
    if random.random() < 0.6:  # noqa: PLR2004
        return random.choice(random.choice((STATES, STATES, REGIONS)))
    return str(getattr(faker, "administrative_unit", faker.city)())


def line(faker: Faker, random: Random, digits: Callable[[str], str]) -> str:
    """Draw a street with a number, most often."""
    street = faker.street_address().replace("\n", ", ").strip()
    own = f"{random.randrange(1, 9999)} {random.choice(STREETS)}"
    known = f"{random.randrange(1, 300)} {faker.last_name()} {random.choice(('St', 'Street', 'Ave', 'Road', 'Rd', 'Lane', 'Drive', 'Blvd', 'Court', 'Close', 'Way'))}"  # noqa: E501
    box = f"{random.choice(('P.O. Box', 'PO Box', 'Postfach'))} {digits('####')}"
    one = random.choices((street, own, known, box, faker.street_name()), (10, 4, 4, 1, 2))[0]
    if one in {own, known} and random.random() < 0.2:  # noqa: PLR2004
        one += random.choice((", ", " ", "\n")) + digits(random.choice(UNITS)).strip()
    return one


def whole(faker: Faker, random: Random, digits: Callable[[str], str]) -> str:
    """Draw an address with its town, in one line or several."""
    if random.random() < 0.5:  # noqa: PLR2004
        return faker.address().replace("\n", random.choice(GAPS))
    gap, street = random.choice(GAPS), line(faker, random, digits)
    town, code, unit = city(faker, random), faker.postcode(), region(faker, random)
    tail = random.choice((
        f"{town}{gap}{unit} {code}", f"{town}, {unit} {code}", f"{town} {code}", f"{code} {town}",
        f"{town}", f"{town}{gap}{code}", f"{code} {town}{gap}{country(faker, random)}",
        f"{town}, {unit}, {country(faker, random)}", f"{town}{gap}{unit}",
    ))  # fmt: skip
    return f"{street}{gap}{tail}"


def natural(faker: Faker, random: Random) -> str:
    """Draw a place that is no town: water, hills, stations, parts of towns."""
    if random.random() < 0.4:  # noqa: PLR2004
        return random.choice(KNOWN)
    return random.choice(NATURAL).format(faker.last_name())
