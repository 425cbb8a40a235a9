"""Names of months and weekdays in English, Spanish and French, as pages write them and as people type them.

They are tables, not catalogue texts: the reader of typed dates accepts all three languages on every page.
"""

import unicodedata
from collections.abc import Mapping, Sequence

MONTHS: Mapping[str, Sequence[str]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    "fr": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
}
SHORT_MONTHS: Mapping[str, Sequence[str]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene.", "feb.", "mar.", "abr.", "may.", "jun.", "jul.", "ago.", "sept.", "oct.", "nov.", "dic."),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}
WEEKDAYS: Mapping[str, Sequence[str]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
SHORT_WEEKDAYS: Mapping[str, Sequence[str]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun.", "mar.", "mié.", "jue.", "vie.", "sáb.", "dom."),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
}
SPELLINGS = (("setiembre", 9),)  # further spellings of months
SHORTEST = 3  # letters: fewer do not tell a month


def plain_letters(text: str) -> str:
    """Return the text in lower case without accents; every kind of space becomes one plain space."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(kept.casefold().split())


def month_number(word: str) -> int | None:
    """Return 1-12 for the start of a month's name, in plain letters; None for another or an unclear word."""
    return _number_of(word, _MONTH_NAMES)


def weekday_number(word: str) -> int | None:
    """Return 0-6 (Monday is 0) for the start of a weekday's name, in plain letters, or None."""
    return _number_of(word, _WEEKDAY_NAMES)


def _number_of(word: str, names: Sequence[tuple[str, int]]) -> int | None:
    if len(word) < SHORTEST:
        return None
    numbers = {number for name, number in names if name.startswith(word)}
    return numbers.pop() if len(numbers) == 1 else None


_MONTH_NAMES = (
    *((plain_letters(name), number) for names in MONTHS.values() for number, name in enumerate(names, 1)),
    *SPELLINGS,
)
_WEEKDAY_NAMES = tuple((plain_letters(name), day) for names in WEEKDAYS.values() for day, name in enumerate(names))
