"""Names of the fields, lists and choices of an import, in the language of the page."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from caseapp.moving.reading.presets.catalogue import Preset, presets
from caseapp.moving.reading.settings import LEFT_BEHIND, OTHER_FACTS
from caseapp.ui.display.labels import Labels

LISTS: Labels = {
    "cases": _("Cases"),
    "people": _("People"),
    "related_people": _("Related people"),
    "adverse_parties": _("Adverse parties"),
    "events": _("Calendar"),
    "tasks": _("Tasks and deadlines"),
    "notes": _("Notes"),
    "proceedings": _("Proceedings"),
    "services": _("Services and receipts"),
    "charges": _("Criminal charges"),
    "time": _("Time entries"),
    "directory": _("Directory of organizations: not imported"),
    "documents": _("List of documents"),
    "expiry_dates": _("Expiration dates"),
    "form_invitations": _("Form invitations: not imported"),
}
PHONE_KINDS: Labels = {
    "home": _("Home phone"),
    "mobile": _("Mobile phone"),
    "work": _("Work phone"),
    "other": _("Other phone"),
    "fax": _("Fax"),
}
ADDRESS_KINDS: Labels = {"home": _("Home address"), "mailing": _("Mailing address")}
DETAILS: Labels = {
    "safe": _("safe to use"),
    "note": _("note"),
    "street": _("street"),
    "street_2": _("second line"),
    "apartment": _("apartment"),
    "city": _("city"),
    "state": _("state"),
    "zip": _("ZIP code"),
}
NAMES: Labels = {
    "person.id": _("Client: number in the other system"),
    "person.name_as_written": _("Client: name as written"),
    "person.name_last_first": _("Client: name, family name first"),
    "person.given": _("Client: given name"),
    "person.middle": _("Client: middle name"),
    "person.family": _("Client: family name"),
    "person.suffix": _("Client: suffix of the name"),
    "person.company": _("Client: organization"),
    "person.kind": _("Client: person or organization"),
    "person.other_names": _("Client: other names"),
    "person.born_on": _("Client: date of birth"),
    "person.born_note": _("Client: note on the date of birth"),
    "person.sex": _("Client: sex on documents"),
    "person.gender": _("Client: gender"),
    "person.pronouns": _("Client: pronouns"),
    "person.languages": _("Client: languages spoken"),
    "person.reads": _("Client: languages read"),
    "person.needs_interpreter": _("Client: needs an interpreter"),
    "person.born_in": _("Client: country of birth"),
    "person.birth_city": _("Client: city of birth"),
    "person.citizenships": _("Client: citizenships"),
    "person.a_number": _("Client: A-Number"),
    "person.a_number_or_visa": _("Client: A-Number or visa number"),
    "person.other_number": _("Client: another number"),
    "person.email": _("Client: e-mail"),
    "person.careful": _("Client: safety note"),
    "person.arrived_on": _("Client: date of last entry"),
    "person.entry_place": _("Client: place of last entry"),
    "person.entry_manner": _("Client: manner of last entry"),
    "person.status_text": _("Client: immigration status"),
    "person.spouse": _("Client: name of the spouse"),
    "person.detained_at": _("Client: place of detention"),
    "person.relation": _("Relation to the client"),
    "person.note": _("Client: note"),
    "facet.race": _("Client: race"),
    "facet.ethnicity": _("Client: ethnicity"),
    "facet.marital_status": _("Client: marital status"),
    "facet.veteran": _("Client: veteran"),
    "facet.disabled": _("Client: disability"),
    "facet.education": _("Client: education"),
    "facet.employment": _("Client: employment"),
    "facet.special_characteristics": _("Client: special characteristics"),
    "facet.victim_of_domestic_violence": _("Client: victim of domestic violence"),
    "party.id": _("Person: number in the other system"),
    "case.id": _("Case: number in the other system"),
    "case.title": _("Case: title"),
    "case.note": _("Case: note"),
    "case.stage": _("Case: stage"),
    "case.is_closed": _("Case: closed, yes or no"),
    "case.status_text": _("Case: status in words"),
    "case.opened_on": _("Case: opened on"),
    "case.closed_on": _("Case: closed on"),
    "case.close_reason": _("Case: reason for closing"),
    "case.declined_on": _("Case: declined on"),
    "case.decline_reason": _("Case: reason for declining"),
    "case.relief": _("Case: relief sought"),
    "case.service_level": _("Case: level of service"),
    "case.group": _("Case: office or team"),
    "case.programme": _("Case: program"),
    "case.lead": _("Case: lead"),
    "case.team": _("Case: other members"),
    "case.funder": _("Case: funder"),
    "case.court_numbers": _("Case: court number"),
    "case.receipts": _("Case: receipt numbers"),
    "case.client_reference": _("Case: client reference"),
    "case.referred_by": _("Case: referred by"),
    "case.access_list": _("Case: who may not see it"),
    "case.is_hidden": _("Case: hidden, yes or no"),
    "link.case": _("Number of the case it belongs to"),
    "link.client": _("Number of the client it belongs to"),
    "link.client_name": _("Name of the client it belongs to"),
    "link.applicant_name": _("Name of the applicant"),
    "link.matters": _("Cases of the person"),
    "hearing.on": _("Hearing: date"),
    "hearing.time": _("Hearing: time"),
    "hearing.kind": _("Hearing: type"),
    "hearing.court": _("Hearing: court"),
    "hearing.judge": _("Hearing: judge"),
    "deadline.on": _("Deadline, named as its column"),
    "event.id": _("Event: number in the other system"),
    "event.title": _("Event: title"),
    "event.kind": _("Event: type"),
    "event.on": _("Event: date"),
    "event.time": _("Event: time"),
    "event.starts_at": _("Event: date and time"),
    "event.ends_at": _("Event: end"),
    "event.is_all_day": _("Event: all day, yes or no"),
    "event.place": _("Event: place"),
    "event.court": _("Event: court"),
    "event.room": _("Event: courtroom"),
    "event.judge": _("Event: judge"),
    "event.assignee": _("Event: who takes part"),
    "task.id": _("Task: number in the other system"),
    "task.title": _("Task: text"),
    "task.kind": _("Task: type"),
    "task.due_on": _("Task: due on"),
    "task.is_deadline": _("Task: is a deadline, yes or no"),
    "task.is_limitation": _("Task: is a statute of limitations, yes or no"),
    "task.is_done": _("Task: done, yes or no"),
    "task.status": _("Task: status"),
    "task.done_on": _("Task: done on"),
    "task.assignee": _("Task: assigned to"),
    "task.is_alert": _("Task: is an alert, yes or no"),
    "note.id": _("Note: number in the other system"),
    "note.title": _("Note: subject"),
    "note.text": _("Note: text"),
    "note.kind": _("Note: type"),
    "note.at": _("Note: date"),
    "note.author": _("Note: author"),
    "note.expense": _("Entry: time or expense"),
    "proceeding.id": _("Proceeding: number in the other system"),
    "proceeding.court": _("Proceeding: court"),
    "proceeding.docket": _("Proceeding: docket number"),
    "proceeding.judge": _("Proceeding: judge"),
    "proceeding.began_on": _("Proceeding: began on"),
    "proceeding.ended_on": _("Proceeding: ended on"),
    "history.id": _("Charge: number in the other system"),
    "history.on": _("Charge: date"),
    "history.until_on": _("Charge: date of the disposition"),
    "history.text": _("Charge: what for"),
    "history.result": _("Charge: outcome"),
    "history.number": _("Charge: statute number"),
    "document.name": _("Document: file name"),
    "document.id": _("Document: number in the other system"),
    "document.title": _("Document: title"),
    OTHER_FACTS: _("Other facts"),
    LEFT_BEHIND: _("Not imported"),
}


def field_name(code: str) -> str:
    """Return the name of a field."""
    if code in NAMES:
        return str(NAMES[code])
    subject, kind, *detail = code.split(".")
    name = {"phone": PHONE_KINDS, "address": ADDRESS_KINDS}[subject][kind]
    if not detail:
        return str(name)
    return gettext("%(field)s: %(detail)s") % {"field": name, "detail": DETAILS[detail[0]]}


def name_fields(codes: Iterable[str]) -> Mapping[str, str]:
    """Return the codes by the name of each field."""
    return {field_name(code): code for code in codes}


def preset_name(preset: Preset) -> str:
    """Return the name of a preset: the product and its list."""
    if not preset.product:
        return gettext("Any other file, one row for each person")
    return f"{preset.product}: {LISTS[preset.list]}"


def preset_choices() -> list[tuple[str, str | Promise]]:
    """Return (code, name) of every preset."""
    return [(code, preset_name(preset)) for code, preset in presets().items()]
