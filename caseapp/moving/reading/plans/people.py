"""The person of a row: names, numbers, languages, contacts, and other facts about them."""

import datetime as dt
from typing import Any

from caseapp.moving.reading.cells.dates import read_birth
from caseapp.moving.reading.cells.names import is_company, join_name, split_list, split_name
from caseapp.moving.reading.cells.values import read_a_number, read_countries, split_words
from caseapp.moving.reading.cells.words import find_code
from caseapp.moving.reading.plans.contacts import read_contacts
from caseapp.moving.reading.plans.row_reader import Cell, RowReader
from caseapp.moving.reading.presets.fields import FACETS
from caseapp.records.names import NAME_LIMIT
from caseapp.records.party import Name, Party

_PERSON_FIELDS = ("person.", "phone.", "address.", "facet.")
Facts = list[tuple[str, str]]


def read_person(reader: RowReader, *, role: str, ids: dict[str, str], fallback_name: str = "") -> Party | None:
    """Return the person of the row; None where it names none, with a problem for a name that cannot be stored.

    fallback_name  the client's name in a list of cases
    """
    name, other_names = _read_names(reader, fallback_name)
    number, other_numbers = _read_numbers(reader)
    born_on, born_period = _read_birth(reader)
    arrived_on = reader.date("person.arrived_on")
    if not name.full:
        return None
    if len(name.full) > NAME_LIMIT:
        reader.add_problem("name_too_long", Cell("", name.full))
        return None
    facts: Facts = []
    return Party(
        role=role,
        name=name,
        other_names=other_names,
        pronouns=reader.text("person.pronouns"),
        a_number=number,
        other_numbers=other_numbers,
        born_on=born_on,
        born_period=born_period,
        born_approximate=_is_approximate(reader, facts),
        citizenships=_read_citizenships(reader, facts),
        born_in=_read_country_of_birth(reader, facts),
        languages=_words(reader, "person.languages"),
        reads=_words(reader, "person.reads"),
        contacts=read_contacts(reader),
        careful=reader.text("person.careful"),
        last_arrival_on=arrived_on,
        sex=_read_code(reader, "person.sex", "sex", facts),
        gender=reader.text("person.gender"),
        entry_place=reader.text("person.entry_place"),
        entry_manner=_read_code(reader, "person.entry_manner", "entry", facts),
        relation=reader.text("person.relation"),
        needs_interpreter=_read_needs(reader, facts),
        facets={name: text for name in FACETS if (text := reader.text(f"facet.{name}"))},
        other_facts=(*facts, *_read_asides(reader)),
        external_ids=ids,
    )


def has_person_facts(reader: RowReader) -> bool:
    """Return whether the row says anything about the person."""
    return any(
        reader.text(code)
        for code in reader.context.columns
        if code.startswith(("person.", "phone.", "address.", "facet."))
    )


def _read_names(reader: RowReader, fallback: str) -> tuple[Name, tuple[Name, ...]]:
    """Return the name, from separate columns first, and the other names."""
    others = [Name(full=text) for cell in reader.cells("person.other_names") for text in split_list(cell.text)]
    given, family = reader.text("person.given"), reader.text("person.family")
    whole = _whole_name(reader, fallback)
    if given or family:
        name = join_name(given, reader.text("person.middle"), family, reader.text("person.suffix"))
        if whole and _letters(whole.text) != _letters(name.full):
            others.append(Name(full=whole.text))
        return name, tuple(others)
    if whole is None:
        return Name(full=""), tuple(others)
    split = split_name(whole.text, family_first=bool(reader.text("person.name_last_first")))
    is_organisation = split.remark == "company" or _is_organisation(reader, whole)
    if is_organisation:
        reader.warn("company", whole)
        return Name(full=" ".join(whole.text.split())), tuple(others)
    if split.remark:
        reader.warn(split.remark, whole)
    return split.name, tuple(others)


def _whole_name(reader: RowReader, fallback: str) -> Cell | None:
    for code in ("person.name_last_first", "person.name_as_written", "person.company"):
        if cells := reader.cells(code):
            return cells[0]
    return Cell("", fallback) if fallback else None


def _is_organisation(reader: RowReader, whole: Cell) -> bool:
    is_named_so = reader.text("person.company") == whole.text and not reader.text("person.name_as_written")
    return reader.text("person.kind").casefold() == "company" or is_named_so or is_company(whole.text)


def _letters(text: str) -> list[str]:
    return sorted(sign for sign in text.casefold() if sign.isalnum())


def _read_numbers(reader: RowReader) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the A-Number and the other numbers. Two A-Numbers that differ are a problem: a person must say which."""
    others = [(cell.heading, cell.text) for cell in reader.cells("person.other_number")]
    numbers: dict[str, Cell] = {}
    for code in ("person.a_number", "person.a_number_or_visa"):
        for cell in reader.cells(code):
            read = read_a_number(cell.text)
            if read.is_well_formed:
                numbers.setdefault(read.text, cell)
            else:
                others.append((cell.heading, cell.text))
                if code == "person.a_number":
                    reader.warn("a_number", cell)
    if reader.context.answers.reference == "a_number":
        for cell in reader.cells("case.client_reference"):
            read = read_a_number(cell.text)
            if read.is_well_formed:
                numbers.setdefault(read.text, cell)
            else:
                others.append((cell.heading, cell.text))
    if len(numbers) > 1:
        reader.add_problem("a_numbers_differ", Cell(list(numbers.values())[1].heading, " / ".join(numbers)))
    return next(iter(numbers), ""), tuple(others)


def _read_birth(reader: RowReader) -> tuple[dt.date | None, str]:
    cells = reader.cells("person.born_on")
    birth = reader.read(cells[0], lambda text: read_birth(text, reader.context.dates)) if cells else None
    if birth is None:
        return None, ""
    return (birth.exact, "") if birth.exact else (None, str(birth))


def _is_approximate(reader: RowReader, facts: Facts) -> bool:
    text = reader.text("person.born_note")
    if not text:
        return False
    facts.extend((cell.heading, cell.text) for cell in reader.cells("person.born_note"))
    return "approx" in text.casefold() or text.casefold() in {"t", "true", "yes", "1"}


def _read_citizenships(reader: RowReader, facts: Facts) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    for cell in reader.cells("person.citizenships"):
        known, unknown = read_countries(cell.text)
        codes.update(dict.fromkeys(known))
        if unknown:
            reader.warn("country", cell)
            facts.append((cell.heading, cell.text))
    return tuple(codes)


def _read_country_of_birth(reader: RowReader, facts: Facts) -> str:
    for cell in reader.cells("person.born_in"):
        known, unknown = read_countries(cell.text)
        if len(known) == 1 and not unknown:
            return known[0]
        reader.warn("country", cell)
        facts.append((cell.heading, cell.text))
    return ""


def _words(reader: RowReader, code: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for cell in reader.cells(code) for word in split_words(cell.text)))


def _read_code(reader: RowReader, code: str, table: str, facts: Facts) -> str:
    """Return the code of a word in a table; a text without one is kept with the other facts."""
    for cell in reader.cells(code):
        if value := find_code(table, cell.text):
            return value
        reader.warn("word", cell)
        facts.append((cell.heading, cell.text))
    return ""


def _read_needs(reader: RowReader, facts: Facts) -> str:
    """Return whether an interpreter is needed; a language in that column is an answer too."""
    needs = reader.yes_no("person.needs_interpreter")
    if needs is None:
        facts.extend((cell.heading, cell.text) for cell in reader.cells("person.needs_interpreter"))
        return ""
    return "yes" if needs else "no"


def _read_asides(reader: RowReader) -> tuple[tuple[str, str], ...]:
    """Return what has no field of its own. Custody is asked about: the flag is never set by a file alone."""
    cells: list[Any] = []
    for code in ("person.birth_city", "person.status_text", "person.note"):
        cells += reader.cells(code)
    for cell in reader.cells("person.detained_at"):
        cells.append(cell)
        if cell.text.casefold() not in {"no", "n", "false", "f", "0"}:
            reader.warn("custody", cell)
    return tuple((cell.heading, cell.text) for cell in cells)
