"""The plans of a file's rows, one by one and in order. The same file, mapping and answers give the same plans."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from caseapp.moving.reading.cells.names import is_company, split_name
from caseapp.moving.reading.cells.words import find_code
from caseapp.moving.reading.files.headings import fold_heading
from caseapp.moving.reading.files.rows import SheetRow
from caseapp.moving.reading.files.table import Table
from caseapp.moving.reading.plans import lists
from caseapp.moving.reading.plans.cases import read_case, read_members, read_receipt_numbers, read_wall
from caseapp.moving.reading.plans.dated import read_case_deadlines, read_case_hearing, read_event
from caseapp.moving.reading.plans.people import has_person_facts, read_person
from caseapp.moving.reading.plans.row_plan import Ids, MemberName, RowPlan, Status
from caseapp.moving.reading.plans.row_reader import Cell, PlanContext, RowReader, make_context
from caseapp.moving.reading.plans.survey import OWN_ID, Survey
from caseapp.moving.reading.presets.catalogue import FREE, presets
from caseapp.moving.reading.presets.fields import NAMES
from caseapp.moving.reading.settings import Answers, Mapping
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.party import Party

Facts = dict[str, Any]  # fields of RowPlan


def plan_rows(table: Table, mapping: Mapping, answers: Answers, survey: Survey) -> Iterator[RowPlan]:
    """Yield the plan of every row that has cells, in the order of the file. Raises UnreadableFile."""
    context = make_context(
        presets()[mapping.preset],
        mapping,
        answers,
        survey.order,
        is_encoding_unclear=any(question.code == "encoding" for question in table.questions),
    )
    for row in table.rows():
        yield plan_row(row, context, survey)


def plan_row(row: SheetRow, context: PlanContext, survey: Survey) -> RowPlan:
    """Return the plan of one row."""
    reader = RowReader(context, row)
    if row.problem:
        reader.add_problem(row.problem)
        return _finish(reader, {"kind": "nothing"})
    if context.is_encoding_unclear and not all(map(str.isascii, row.cells)):
        reader.add_problem("encoding")
    if reason := _reason_to_leave_out(reader):
        reader.warn(reason)
        return replace(_finish(reader, {"kind": "nothing"}), status="left_out")
    if (repeat := survey.repeats.get(row.number)) and repeat.code != "same_id":
        reader.add_problem(repeat.code, is_error=False, rows=(repeat.other_row,))
        return replace(_finish(reader, _read_keys(reader)), status="duplicate")
    facts = _READERS[context.preset.makes](reader)
    if repeat:
        reader.add_problem("same_id", rows=(repeat.other_row,))
    if row.number in survey.same_a_number:
        reader.add_problem("same_a_number", is_error=False, rows=(survey.same_a_number[row.number],))
    if (openings := survey.earlier_openings.get(row.number)) and (case := facts.get("case")):
        facts["case"] = replace(case, other_facts=(*case.other_facts, *openings))
    return _finish(reader, facts)


def _finish(reader: RowReader, facts: Facts) -> RowPlan:
    problems = tuple(dict.fromkeys(reader.problems))
    status: Status = "rejected" if any(problem.is_error for problem in problems) else "new"
    source = reader.context.preset.source
    return RowPlan(row=reader.row.number, status=status, source=source, problems=problems, **facts)


def _reason_to_leave_out(reader: RowReader) -> str:
    """Return why a row is no row of the list: a footer without id, an expense, a list that is not imported."""
    preset = reader.context.preset
    if preset.makes == "nothing":
        return "not_imported"
    if preset.makes == "time" and "expense" in reader.text("note.expense").casefold():
        return "expense"
    own_id = OWN_ID[preset.makes]
    has_no_id = own_id in reader.context.columns and not reader.text(own_id)
    is_named = preset.code == FREE and any(reader.text(code) for code in NAMES)
    return "no_id" if has_no_id and not is_named else ""


def read_ids(reader: RowReader, code: str) -> Ids:
    """Return the ids of a field: the first column's under the source, those of others with their heading too."""
    source = reader.context.preset.source
    ids: Ids = {}
    for cell in reader.cells(code):
        ids[source if not ids else f"{source}.{fold_heading(cell.heading).replace(' ', '_')}"] = cell.text
    return ids


def _read_keys(reader: RowReader) -> Facts:
    return {"keys": read_ids(reader, OWN_ID[reader.context.preset.makes])}


def _read_link(reader: RowReader) -> Facts:
    """Return the case that the row belongs to. A row that says none is rejected."""
    case_keys = read_ids(reader, "link.case")
    client_name = reader.text("link.applicant_name") or reader.text("link.client_name")
    if not case_keys and not client_name:
        reader.add_problem("no_case")
    return {**_read_keys(reader), "case_keys": case_keys, "client_name": client_name}


def _plan_case(reader: RowReader) -> Facts:
    client_name = reader.text("link.applicant_name") or reader.text("link.client_name")
    person_keys = read_ids(reader, "link.client")
    is_linked = bool(person_keys or client_name)
    ids = read_ids(reader, "case.id")
    person = None
    if not is_linked or has_person_facts(reader):
        own_ids = read_ids(reader, "person.id")
        person = read_person(reader, role="lead", ids=own_ids, fallback_name=client_name)
        if person is None and not is_linked and not any(problem.is_error for problem in reader.problems):
            reader.add_problem("name_missing")
    elif is_company(client_name):
        reader.warn("company", Cell("", client_name))
    case = read_case(reader, ids)
    wall, wall_names = read_wall(reader, case.relief)
    hearings, dates_without_time = read_case_hearing(reader)
    payer = [fact for fact in _client_beside_applicant(reader) if fact[1] != client_name]
    return {
        "kind": "case",
        "keys": ids,
        "person_keys": person_keys,
        "client_name": client_name,
        "person": person,
        "case": replace(case, other_facts=(*case.other_facts, *payer)),
        "other_parties": _read_spouse(reader),
        "hearings": hearings,
        "deadlines": (*read_case_deadlines(reader), *dates_without_time),
        "notes": tuple(note for cell in reader.cells("case.note") for note in lists.make_notes(cell.text)),
        "members": read_members(reader),
        "group_name": reader.text("case.group"),
        "wall": wall,
        "wall_names": wall_names,
    }


def _client_beside_applicant(reader: RowReader) -> list[tuple[str, str]]:
    """Return the client of a matter that names its applicant: the client is who pays, the applicant our client."""
    if not reader.text("link.applicant_name"):
        return []
    return [(cell.heading, cell.text) for cell in reader.cells("link.client_name")]


def _read_spouse(reader: RowReader) -> tuple[Party, ...]:
    text = reader.text("person.spouse")
    return (Party(role="spouse", name=split_name(text, family_first=False).name),) if text else ()


def _plan_person(reader: RowReader) -> Facts:
    ids = read_ids(reader, "person.id")
    person = read_person(reader, role="lead", ids=ids)
    if person is None:
        reader.add_problem("name_missing")
    else:
        person = replace(person, other_facts=(*person.other_facts, *reader.other_facts("link.matters")))
    return {
        "kind": "person",
        "keys": ids,
        "person": person,
        "other_parties": _read_spouse(reader),
        "deadlines": read_case_deadlines(reader),
        "members": read_members(reader),
    }


def _plan_party(reader: RowReader) -> Facts:
    link = _read_link(reader)
    relation = reader.text("person.relation")
    role = reader.context.preset.role or find_code("relation", relation) or "other"
    person = read_person(reader, role=role, ids=read_ids(reader, "party.id"))
    if person is None:
        reader.add_problem("name_missing")
        return {"kind": "party", **link}
    person = replace(person, other_facts=(*person.other_facts, *reader.other_facts()))
    return {"kind": "party", **link, "other_parties": (person,)}


def _plan_event(reader: RowReader) -> Facts:
    link = _read_link(reader)
    hearings, deadlines = read_event(reader)
    hearings = tuple(replace(hearing, external_ids=link["keys"]) for hearing in hearings)
    deadlines = tuple(replace(deadline, external_ids=link["keys"]) for deadline in deadlines)
    members = _read_assignees(reader, "event.assignee", "assignee")
    return {"kind": "hearing", **link, "hearings": hearings, "deadlines": deadlines, "members": members}


def _plan_task(reader: RowReader) -> Facts:
    link = _read_link(reader)
    tasks, deadlines, notes, safety_note = lists.read_task(reader)
    ids = link["keys"]
    return {
        "kind": "task",
        **link,
        "tasks": tuple(replace(task, external_ids=ids) for task in tasks),
        "deadlines": tuple(replace(deadline, external_ids=ids) for deadline in deadlines),
        "notes": _with_ids(notes, ids),
        "safety_note": safety_note,
        "members": _read_assignees(reader, "task.assignee", "assignee"),
    }


def _with_ids(notes: tuple[Note, ...], ids: Ids) -> tuple[Note, ...]:
    return tuple(replace(note, external_ids=ids) for note in notes)


def _read_assignees(reader: RowReader, code: str, role: str) -> tuple[MemberName, ...]:
    names = [" ".join(part.split()) for cell in reader.cells(code) for part in cell.text.replace("\n", ";").split(";")]
    return tuple(MemberName(role=role, name=name) for name in dict.fromkeys(names) if name)


def _plan_expiry(reader: RowReader) -> Facts:
    link = _read_link(reader)
    deadlines = tuple(replace(deadline, external_ids=link["keys"]) for deadline in lists.read_expiry(reader))
    return {"kind": "deadline", **link, "deadlines": deadlines}


def _plan_note(reader: RowReader) -> Facts:
    link = _read_link(reader)
    return {
        "kind": "note",
        **link,
        "notes": _with_ids(lists.read_note_row(reader), link["keys"]),
        "receipts": read_receipt_numbers(reader),
        "members": _read_assignees(reader, "note.author", "author"),
    }


def _plan_proceeding(reader: RowReader) -> Facts:
    link = _read_link(reader)
    proceedings, notes = lists.read_proceeding(reader)
    proceedings = tuple(replace(proceeding, external_ids=link["keys"]) for proceeding in proceedings)
    return {"kind": "proceeding", **link, "proceedings": proceedings, "notes": _with_ids(notes, link["keys"])}


def _plan_history(reader: RowReader) -> Facts:
    link = _read_link(reader)
    histories: tuple[History, ...] = tuple(
        replace(history, external_ids=link["keys"]) for history in lists.read_history(reader)
    )
    return {"kind": "history", **link, "histories": histories}


def _plan_document(reader: RowReader) -> Facts:
    return {"kind": "document", **_read_link(reader), "documents": lists.read_document(reader)}


_READERS: dict[str, Callable[[RowReader], Facts]] = {
    "case": _plan_case,
    "person": _plan_person,
    "party": _plan_party,
    "hearing": _plan_event,
    "task": _plan_task,
    "deadline": _plan_expiry,
    "note": _plan_note,
    "service": _plan_note,
    "time": _plan_note,
    "proceeding": _plan_proceeding,
    "history": _plan_history,
    "document": _plan_document,
}
