"""Hearing reminder sheet: day, time and location in the client's language, with English next to it for helpers.

Its words are constants, as in the texts. The name of the client or the office is printed only if a member asked for it.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from caseapp.records.hearing import Hearing
from caseapp.records.office import Office
from caseapp.records.party import Party
from caseapp.reminders.sending import client_messages
from caseapp.ui.display import labels
from caseapp.vault.store import Entry

WORDS = {
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
class Options:
    """Options chosen before printing."""

    language: str
    has_name: bool = False
    has_office: bool = False


@dataclass(frozen=True)
class Said:
    """Line of the sheet, with its English where the sheet is in another language."""

    text: str
    english: str


@dataclass(frozen=True)
class Slip:
    """Content of the sheet. `name` and `office` are empty unless chosen."""

    language: str
    name: str
    office: str
    title: Said
    when: Said
    day: Said
    time: Said
    where: Said
    place: tuple[str, ...]
    way: Said
    notes: tuple[Said, ...]
    late: Said
    languages: tuple[tuple[str, str, bool], ...]  # code, word, is it the chosen one
    options: Options


def slip_page(party: Party, hearing: Entry[Hearing], options: Options, office: Office) -> Slip:
    """Return the reminder sheet in the chosen language, or in English where there are no words in it."""
    language = options.language if options.language in WORDS else "en"
    record = hearing.record
    at = record.starts_at.astimezone(ZoneInfo(record.zone))

    def said(key: str) -> Said:
        return Said(WORDS[language][key], "" if language == "en" else WORDS["en"][key])

    def both(text: str, english: str) -> Said:
        return Said(text, "" if language == "en" else english)

    address = next((court.address for court in office.courts if court.name == record.court), "")
    room = f"{WORDS[language]['room']} {record.room}" if record.room else ""
    return Slip(
        language=language,
        name=party.name.full if options.has_name else "",
        office=office.name if options.has_office else "",
        title=said("title"),
        when=said("when"),
        day=both(client_messages.day(language, at.date()), client_messages.day("en", at.date())),
        time=both(client_messages.time(language, at.time()), client_messages.time("en", at.time())),
        where=said("where"),
        place=tuple(line for line in (record.court, address, room) if line),
        way=said(record.way if record.way in WORDS[language] else "in_person"),
        notes=tuple(said(key) for key in ("absent", "interpreter", "bring", "help")),
        late=said("late"),
        languages=tuple((code, str(word), code == language) for code, word in labels.TEXT_LANGUAGES.items()),
        options=options,
    )
