"""Dates and times, in the many ways that people write them."""

from datetime import date
from random import Random

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
FOREIGN = {
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
           "Oktober", "November", "Dezember"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
           "octubre", "noviembre", "diciembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
           "settembre", "ottobre", "novembre", "dicembre"),
    "pt": ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
           "outubro", "novembro", "dezembro"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
           "oktober", "november", "december"),
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
LOOSE = (
    "tomorrow", "yesterday", "today", "tonight", "last week", "next week", "two days ago",
    "this morning", "next year", "last month", "last night", "this afternoon", "in two weeks",
    "three years ago", "at noon", "midnight", "this weekend", "last summer", "the day after tomorrow",
    "in the nineties", "Christmas Eve", "New Year's Day", "Q3 2021", "an hour ago", "next spring",
)  # fmt: skip


def day(born: date, random: Random, language: str) -> str:
    """Write a date."""
    number, year = born.day, born.year
    month = MONTHS[born.month - 1]
    nth = f"{number}{ENDINGS.get(number, 'th')}"
    weekday = DAYS[born.weekday()]
    if language in FOREIGN and random.random() < 0.5:  # noqa: PLR2004
        name = FOREIGN[language][born.month - 1]
        linked = {"es": " de ", "pt": " de ", "de": ". "}.get(language, " ")
        return random.choice((f"{number}{linked}{name} {year}", f"{number}{linked}{name}",
                              f"{name} {year}"))  # fmt: skip
    return random.choice((
        born.isoformat(), f"{number:02}/{born.month:02}/{year}", f"{born.month}/{number}/{born:%y}",
        f"{number:02}.{born.month:02}.{year}", f"{month} {number}, {year}", f"{number} {month} {year}",
        f"{month} {year}", f"{month[:3]} {number}", f"{nth} of {month}", f"{number} {month[:3]} {born:%y}",
        f"{month} {nth}", f"{month} {nth}, {year}", str(year), f"{year // 10 * 10}s", f"{born:%d-%b-%Y}",
        f"{number}.{born.month}.", f"{born.month:02}/{number:02}/{year}", f"{number:02}-{born.month:02}-{year}",
        f"{year}/{born.month:02}/{number:02}", f"{born:%Y%m%d}", f"{weekday}, {month} {number}, {year}",
        f"{weekday} {nth} {month}", f"{nth} {month} {year}", f"{month[:3]}. {number}, {year}",
        f"{born:%m/%y}", f"{month}", f"{born.isoformat()}T{number % 24:02}:{born.month * 4:02}:00Z",
        f"{number} {month[:3]}", f"{nth} {month[:3]} {year}", f"{born:%d%b%Y}",
    ))  # fmt: skip


def moment(random: Random) -> str:
    """Write a time, or a day as people say it."""
    hour, minute = random.randrange(24), random.randrange(60)
    half = random.choice(("am", "pm", " am", " pm", " a.m.", " p.m."))
    weekday = random.choice(DAYS)
    return random.choice((
        weekday, f"next {weekday}", f"last {random.choice(MONTHS)}", f"{hour:02}:{minute:02}",
        f"{hour % 12 + 1}{half}", f"{hour % 12 + 1}:{minute:02}{half}", f"{weekday} at {hour:02}:{minute:02}",
        f"the {random.randrange(4, 20)}th", f"{weekday} morning", f"{hour % 12 + 1} o'clock",
        f"{hour:02}:{minute:02}:{random.randrange(60):02}", f"{weekday[:3]} {hour % 12 + 1}{half}",
        *random.sample(LOOSE, 6),
    ))  # fmt: skip
