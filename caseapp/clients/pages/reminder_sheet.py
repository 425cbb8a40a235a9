"""Hearing reminder sheet: day, time and location in the client's language, with English next to it for helpers.

Its words are constants, as in the texts. The name of the client or the office is printed only if a member asked for it.
"""

from dataclasses import dataclass

from caseapp.lib import clock
from caseapp.records.hearing import Hearing
from caseapp.records.office import Office
from caseapp.records.party import Party
from caseapp.reminders.sending import client_messages
from caseapp.ui.display import labels
from caseapp.vault.store import Entry

SHEET_WORDS = {
    "en": {
        "title": "Your next hearing",
        "when": "When",
        "where": "Where",
        "video": "By video",
        "phone": "By phone",
        "in_person": "",
        "room": "Room",
        "late": "If you are late or ill, call this number at once:",
        "absent": "If you do not go, the judge may decide without you.",
        "interpreter": "You can ask for an interpreter. It is free.",
        "bring": "Bring this page.",
        "help": "We want to help: call us.",
    },
    "es": {
        "title": "Su próxima audiencia",
        "when": "Cuándo",
        "where": "Dónde",
        "video": "Por video",
        "phone": "Por teléfono",
        "in_person": "",
        "room": "Sala",
        "late": "Si llega tarde o se enferma, llame enseguida a este número:",
        "absent": "Si no va, el juez puede decidir sin usted.",
        "interpreter": "Puede pedir un intérprete. Es gratis.",
        "bring": "Traiga esta hoja.",
        "help": "Queremos ayudarle: llámenos.",
    },
    "fr": {
        "title": "Votre prochaine audience",
        "when": "Quand",
        "where": "Où",
        "video": "Par vidéo",
        "phone": "Par téléphone",
        "in_person": "",
        "room": "Salle",
        "late": "Si vous êtes en retard ou malade, appelez tout de suite ce numéro :",
        "absent": "Si vous n'y allez pas, le juge peut décider sans vous.",
        "interpreter": "Vous pouvez demander un interprète. C'est gratuit.",
        "bring": "Apportez cette page.",
        "help": "Nous voulons vous aider : appelez-nous.",
    },
}


@dataclass(frozen=True)
class SheetOptions:
    """Options chosen before printing."""

    language: str
    has_name: bool = False
    has_office: bool = False


@dataclass(frozen=True)
class SheetLine:
    """Line of the sheet, with its English where the sheet is in another language."""

    text: str
    english: str


@dataclass(frozen=True)
class ReminderSheet:
    """Content of the sheet. `name` and `office` are empty unless chosen."""

    language: str
    name: str
    office: str
    title: SheetLine
    when: SheetLine
    day: SheetLine
    time: SheetLine
    where: SheetLine
    location: tuple[str, ...]
    hearing_format: SheetLine
    notes: tuple[SheetLine, ...]
    late: SheetLine
    languages: tuple[tuple[str, str, bool], ...]  # code, word, is it the chosen one
    options: SheetOptions


def build_sheet(party: Party, hearing: Entry[Hearing], options: SheetOptions, office: Office) -> ReminderSheet:
    """Return the reminder sheet in the chosen language, or in English where there are no words in it."""
    language = options.language if options.language in SHEET_WORDS else "en"
    record = hearing.record
    at = clock.local_time(record.starts_at, record.zone)

    def fixed_line(key: str) -> SheetLine:
        return SheetLine(SHEET_WORDS[language][key], "" if language == "en" else SHEET_WORDS["en"][key])

    def paired_line(text: str, english: str) -> SheetLine:
        return SheetLine(text, "" if language == "en" else english)

    address = next((court.address for court in office.courts if court.name == record.court), "")
    room = f"{SHEET_WORDS[language]['room']} {record.room}" if record.room else ""
    return ReminderSheet(
        language=language,
        name=party.name.full if options.has_name else "",
        office=office.name if options.has_office else "",
        title=fixed_line("title"),
        when=fixed_line("when"),
        day=paired_line(client_messages.format_day(language, at.date()), client_messages.format_day("en", at.date())),
        time=paired_line(
            client_messages.format_time(language, at.time()), client_messages.format_time("en", at.time())
        ),
        where=fixed_line("where"),
        location=tuple(line for line in (record.court, address, room) if line),
        hearing_format=fixed_line(record.way if record.way in SHEET_WORDS[language] else "in_person"),
        notes=tuple(fixed_line(key) for key in ("absent", "interpreter", "bring", "help")),
        late=fixed_line("late"),
        languages=tuple((code, str(word), code == language) for code, word in labels.TEXT_LANGUAGES.items()),
        options=options,
    )
