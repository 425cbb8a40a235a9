"""Texts to clients (shared ux, "Messages"): no name, case, court, place, office or product word.

They are constants and not translations, names of days and months included, so that no mistake in a translation can
make one of them reveal something. They contain a day and a time only if the client asked for that.
"""

import datetime as dt
import re

from caseapp.lib.text.calendar_words import MONTHS, WEEKDAYS

PLAIN_TEXTS = {
    "en": "Reminder: please look at your paper or call the number you have. Reply STOP to end.",
    "es": "Recordatorio: mire su hoja o llame al número que tiene. Responda STOP para no recibir más.",
    "fr": "Rappel : regardez votre feuille ou appelez le numéro que vous avez. Répondez STOP pour arrêter.",
}
_TEXTS_WITH_TIME = {
    "en": "Reminder: {when}. Please look at your paper or call the number you have. Reply STOP to end.",
    "es": "Recordatorio: {when}. Mire su hoja o llame al número que tiene. Responda STOP para no recibir más.",
    "fr": "Rappel : {when}. Regardez votre feuille ou appelez le numéro que vous avez. Répondez STOP pour arrêter.",
}
_OURS = tuple(
    re.compile(re.escape(text).replace(re.escape("{when}"), r".{1,80}"))
    for text in (*PLAIN_TEXTS.values(), *_TEXTS_WITH_TIME.values())
)


def reminder_text(detail: str, language: str, at: dt.datetime) -> str:
    """Return the text to send.

    detail  plain or date_time
    at      aware, in the zone of the client's clock
    """
    language = supported_language(language)
    if detail == "date_time":
        when = f"{format_day(language, at.date())}, {format_time(language, at.time())}"
        return _TEXTS_WITH_TIME[language].format(when=when.rstrip("."))  # "8:30 a. m." ends with its own full stop
    return PLAIN_TEXTS[language]


def is_ours(text: str) -> bool:
    """Return whether a text is one that this office sent: some gateways report those, too."""
    return any(pattern.fullmatch(text.strip()) for pattern in _OURS)


def supported_language(language: str) -> str:
    """Return the language, or English if the texts do not exist in it."""
    return language if language in PLAIN_TEXTS else "en"


def format_day(language: str, on: dt.date) -> str:
    """Return the date as `Tuesday, December 8, 2026`, `martes 8 de diciembre de 2026`, `mardi 8 décembre 2026`."""
    weekday, month = WEEKDAYS[language][on.weekday()], MONTHS[language][on.month - 1]
    if language == "en":
        return f"{weekday}, {month} {on.day}, {on.year}"
    if language == "es":
        return f"{weekday}, {on.day} de {month} de {on.year}"
    number = "1er" if language == "fr" and on.day == 1 else str(on.day)
    return f"{weekday} {number} {month} {on.year}"


def format_time(language: str, at: dt.time) -> str:
    """Return the time as `8:30 AM`, `8:30 a. m.`, `8 h 30`, so that morning and evening cannot be confused."""
    if language == "fr":
        return f"{at.hour} h {at.minute:02d}"
    morning, evening = ("a. m.", "p. m.") if language == "es" else ("AM", "PM")
    return f"{at.hour % 12 or 12}:{at.minute:02d} {morning if at.hour < 12 else evening}"
