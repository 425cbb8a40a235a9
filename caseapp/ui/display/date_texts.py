"""Dates and times in words, as the country writes them and in the language of the page.

Spanish and French short forms and times are kept on one line by non-breaking spaces.
"""

from datetime import date, time

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.lib.countries import FRANCE, UNITED_STATES, country_of_zone
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text import calendar_words as words
from caseapp.ui.display.country import shown_country

# Zones (IANA) as American attorneys write them after a time.
ZONE_LETTERS = {
    "America/New_York": "ET",
    "America/Detroit": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Los_Angeles": "PT",
    "America/Anchorage": "AKT",
    "Pacific/Honolulu": "HT",
}
ZONE_NAMES = {
    "America/New_York": gettext_lazy("Eastern time"),
    "America/Detroit": gettext_lazy("Eastern time"),
    "America/Chicago": gettext_lazy("Central time"),
    "America/Denver": gettext_lazy("Mountain time"),
    "America/Phoenix": gettext_lazy("Arizona time"),
    "America/Los_Angeles": gettext_lazy("Pacific time"),
    "America/Anchorage": gettext_lazy("Alaska time"),
    "Pacific/Honolulu": gettext_lazy("Hawaii time"),
    "Pacific/Guam": gettext_lazy("Guam time"),
    "America/Puerto_Rico": gettext_lazy("Puerto Rico time"),
    "Europe/Paris": gettext_lazy("Paris time"),
}
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


def partial_date(on: PartialDate) -> str:
    """Return `Mon, Dec 7, 2026`, or `December 2026 (day not known)`, or `2026 (day and month not known)`."""
    if on.exact is not None:
        return list_date(on.exact)
    if on.month:
        return _("%(month)s (day not known)") % {"month": month_and_year(on.earliest)}
    return _("%(year)s (day and month not known)") % {"year": on.year}


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
    return f"{clock} {'AM' if at.hour < 12 else 'PM'}"


def with_zone(clock: str, zone: str) -> str:
    """Return `1:30 PM ET`; `1:30 p. m. (hora del Este)`; a zone of France is not named where France's way is shown."""
    if shown_country() == FRANCE and country_of_zone(zone) == FRANCE:
        return clock
    if page_language() == "en" and zone in ZONE_LETTERS:
        return f"{clock} {ZONE_LETTERS[zone]}"
    text = f"{clock} ({zone_in_words(zone)})"
    return text if page_language() == "en" else text.replace(" ", FIXED_SPACE)


def zone_in_words(zone: str) -> str:
    """Return `Eastern time`, or `Lagos time` for a zone without a name of its own."""
    if zone in ZONE_NAMES:
        return str(ZONE_NAMES[zone])
    # Translators: the clock time of a city: "Lagos time".
    return _("%(place)s time") % {"place": zone.rpartition("/")[2].replace("_", " ")}


def page_language() -> str:
    """Return en, es or fr; a page in another language has English dates."""
    code = (translation.get_language() or "en").partition("-")[0]
    return code if code in words.MONTHS else "en"


def month_names() -> list[tuple[int, str]]:
    """Return the number and name of each month, for a list to choose from."""
    return list(enumerate(words.MONTHS[page_language()], 1))


def _day_number(on: date, language: str) -> str:
    return "1er" if language == "fr" and on.day == 1 else str(on.day)
