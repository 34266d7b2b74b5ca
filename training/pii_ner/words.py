"""Real words that values are drawn from: they are in everybody's mouth, and stand for no person."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "lists"


def _read(name: str) -> tuple[str, ...]:
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(word.strip() for line in lines for word in line.split(",") if word.strip())


CITIES = _read("cities")
COUNTRIES = _read("countries")
STATES = _read("states")
REGIONS = _read("regions")
STREETS = _read("streets")
NATIONS = _read("nations")
LANGUAGES = _read("languages")
FIRST_NAMES = _read("first_names")
LAST_NAMES = _read("last_names")
HISTORIC = _read("historic")
COMPANIES = _read("companies")
PRODUCTS = _read("products")
