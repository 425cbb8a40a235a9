"""The texts to clients (shared ux, "Messages"): no name, case, court, place, office or product word.

They are constants here and not translations, names of days and months too, so that no slip elsewhere can make one of
them say something. A day and a time stand in one only where the person asked for that.
"""

import datetime as dt

PLAIN = {
    "en": "Reminder: please look at your paper or call the number you have. Reply STOP to end.",
    "es": "Recordatorio: mire su hoja o llame al número que tiene. Responda STOP para no recibir más.",
    "fr": "Rappel : regardez votre feuille ou appelez le numéro que vous avez. Répondez STOP pour arrêter.",
}
_WITH_TIME = {
    "en": "Reminder: {when}. Please look at your paper or call the number you have. Reply STOP to end.",
    "es": "Recordatorio: {when}. Mire su hoja o llame al número que tiene. Responda STOP para no recibir más.",
    "fr": "Rappel : {when}. Regardez votre feuille ou appelez le numéro que vous avez. Répondez STOP pour arrêter.",
}
WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre"),
}  # fmt: skip


def text(detail: str, language: str, at: dt.datetime) -> str:
    """What is sent. `detail` is plain or date_time; `at` is aware, in the zone whose clock the person lives by."""
    language = known(language)
    if detail == "date_time":
        when = f"{day(language, at.date())}, {time(language, at.time())}"
        return _WITH_TIME[language].format(when=when.rstrip("."))  # "8:30 a. m." brings its own full stop
    return PLAIN[language]


def known(language: str) -> str:
    """The language, or English where we have no words in it."""
    return language if language in PLAIN else "en"


def day(language: str, on: dt.date) -> str:
    """`Tuesday 8 December 2026`, `martes 8 de diciembre de 2026`, `mardi 8 décembre 2026`."""
    weekday, month = WEEKDAYS[language][on.weekday()], MONTHS[language][on.month - 1]
    if language == "es":
        return f"{weekday} {on.day} de {month} de {on.year}"
    number = "1er" if language == "fr" and on.day == 1 else str(on.day)
    return f"{weekday} {number} {month} {on.year}"


def time(language: str, at: dt.time) -> str:
    """`8:30 AM`, `8:30 a. m.`, `8 h 30`: nobody takes a morning for an evening."""
    if language == "fr":
        return f"{at.hour} h {at.minute:02d}"
    morning, evening = ("a. m.", "p. m.") if language == "es" else ("AM", "PM")
    return f"{at.hour % 12 or 12}:{at.minute:02d} {morning if at.hour < 12 else evening}"
