"""Dates and times in words, as the country writes them and in the language of the page.

Spanish and French short forms and times are kept on one line by non-breaking spaces.
"""

from datetime import date, time

from django.utils import translation

from caseapp.lib import calendar_words as words
from caseapp.lib.countries import FRANCE, UNITED_STATES
from caseapp.ui.display.country import shown_country

FIXED_SPACE = "\N{NO-BREAK SPACE}"


def list_date(on: date) -> str:
    """Return `Mon, Dec 7, 2026`; `lun. 7 dic. 2026` in Spanish; `Mon 7 Dec 2026` as France writes English."""
    language = page_language()
    weekday, month = words.SHORT_WEEKDAYS[language][on.weekday()], words.SHORT_MONTHS[language][on.month - 1]
    if language != "en":
        return FIXED_SPACE.join((weekday, _day_number(on, language), month, str(on.year)))
    if shown_country() == FRANCE:
        return f"{weekday} {on.day} {month} {on.year}"
    return f"{weekday}, {month} {on.day}, {on.year}"


def short_date(on: date) -> str:
    """Return `Mon, Dec 7`, for lists in which the year is clear."""
    return list_date(on).removesuffix(str(on.year)).rstrip(f", {FIXED_SPACE}")


def long_date(on: date) -> str:
    """Return `Monday, December 7, 2026`; `lunes, 7 de diciembre de 2026`; `lundi 7 décembre 2026`."""
    language = page_language()
    weekday, month = words.WEEKDAYS[language][on.weekday()], words.MONTHS[language][on.month - 1]
    if language == "en" and shown_country() == UNITED_STATES:
        return f"{weekday}, {month} {on.day}, {on.year}"
    if language == "es":
        return f"{weekday}, {on.day} de {month} de {on.year}"
    return f"{weekday} {_day_number(on, language)} {month} {on.year}"


def date_without_weekday(on: date) -> str:
    """Return `December 7, 2026`, for examples and for sentences about the parts of a date."""
    language = page_language()
    month = words.MONTHS[language][on.month - 1]
    if language == "en" and shown_country() == UNITED_STATES:
        return f"{month} {on.day}, {on.year}"
    joint = " de " if language == "es" else " "
    return joint.join((_day_number(on, language), month, str(on.year)))


def month_and_year(on: date) -> str:
    """Return `February 2026`, for a date of which no day is known."""
    language = page_language()
    joint = " de " if language == "es" else " "
    return joint.join((words.MONTHS[language][on.month - 1], str(on.year)))


def clock_text(at: time) -> str:
    """Return `1:30 PM`; `1:30 p. m.` in Spanish; `13 h 30` in French; 24 hours as France shows other languages."""
    language = page_language()
    if language == "fr":
        return FIXED_SPACE.join((str(at.hour), "h", f"{at.minute:02d}"))
    if shown_country() == FRANCE:
        return f"{at.hour}:{at.minute:02d}"
    clock = f"{at.hour % 12 or 12}:{at.minute:02d}"
    if language == "es":
        return FIXED_SPACE.join((clock, "a." if at.hour < 12 else "p.", "m."))
    return f"{clock}{FIXED_SPACE}{'AM' if at.hour < 12 else 'PM'}"


def page_language() -> str:
    """Return en, es or fr; a page in another language has English dates."""
    code = (translation.get_language() or "en").partition("-")[0]
    return code if code in words.MONTHS else "en"


def month_names() -> list[tuple[int, str]]:
    """Return the number and name of each month, for a list to choose from."""
    return list(enumerate(words.MONTHS[page_language()], 1))


def _day_number(on: date, language: str) -> str:
    return "1er" if language == "fr" and on.day == 1 else str(on.day)
