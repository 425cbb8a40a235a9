"""The fields that a column of a file can go into.

A code has the thing, a dot, and what of it. `person` is the client, or the related person of a list of those.
"""


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PHONES = ("home", "mobile", "work", "other", "fax")
ADDRESSES = ("home", "mailing")
FACETS = _codes(
    """
    race ethnicity marital_status veteran disabled education employment special_characteristics
    victim_of_domestic_violence
    """
)
_PERSON = _codes(
    """
    person.id person.name_as_written person.name_last_first person.given person.middle person.family
    person.suffix person.company person.kind person.other_names person.born_on person.born_note person.sex
    person.gender person.pronouns person.languages person.reads person.needs_interpreter person.born_in
    person.birth_city person.citizenships person.a_number person.a_number_or_visa person.other_number
    person.email person.careful person.arrived_on person.entry_place person.entry_manner person.status_text
    person.spouse person.detained_at person.relation person.note
    """
)
_CASE = _codes(
    """
    case.id case.title case.note case.stage case.is_closed case.status_text case.opened_on case.closed_on
    case.close_reason case.declined_on case.decline_reason case.relief case.service_level case.group
    case.programme case.lead case.team case.funder case.court_numbers case.receipts case.client_reference
    case.referred_by case.access_list case.is_hidden
    """
)
_LINKS = ("link.case", "link.client", "link.client_name", "link.applicant_name", "link.matters")
_HEARING_OF_CASE = ("hearing.on", "hearing.time", "hearing.kind", "hearing.court", "hearing.judge")
_CONTACTS = (
    *(f"phone.{kind}{what}" for kind in PHONES for what in ("", ".safe", ".note")),
    *(
        f"address.{kind}.{part}"
        for kind in ADDRESSES
        for part in ("street", "street_2", "apartment", "city", "state", "zip", "safe")
    ),
)
_FACETS = tuple(f"facet.{name}" for name in FACETS)
_PEOPLE = (*_PERSON, *_CONTACTS, *_FACETS)
FIELDS_OF = {
    "case": (*_PEOPLE, *_CASE, *_LINKS, *_HEARING_OF_CASE, "deadline.on"),
    "person": (*_PEOPLE, "link.matters", "case.team", "deadline.on"),
    "party": ("link.case", "party.id", *_PEOPLE),
    "hearing": _codes(
        """
        link.case event.id event.title event.kind event.on event.time event.starts_at event.ends_at
        event.is_all_day event.place event.court event.room event.judge event.assignee
        """
    ),
    "task": _codes(
        """
        link.case link.client_name task.id task.title task.kind task.due_on task.is_deadline
        task.is_limitation task.is_done task.status task.done_on task.assignee task.is_alert
        """
    ),
    "deadline": _codes(
        """
        link.case link.client_name link.applicant_name task.id task.title task.kind task.due_on
        """
    ),
    "note": _codes(
        """
        link.case link.client_name note.id note.title note.text note.kind note.at note.author
        """
    ),
    "service": _codes(
        """
        link.case note.id note.title note.text note.kind note.at note.author case.receipts
        """
    ),
    "time": _codes(
        """
        link.case note.id note.title note.text note.at note.author note.expense
        """
    ),
    "proceeding": _codes(
        """
        link.case proceeding.id proceeding.court proceeding.docket proceeding.judge proceeding.began_on
        proceeding.ended_on
        """
    ),
    "history": _codes(
        """
        link.case history.id history.on history.until_on history.text history.result history.number
        """
    ),
    "document": ("link.case", "document.name", "document.id", "document.title"),
    "nothing": (),
}
# Several columns may go into these.
REPEATED = frozenset(
    _codes(
        """
        person.other_names person.languages person.other_number person.email case.id case.team
        case.court_numbers case.receipts case.relief case.note case.status_text case.access_list deadline.on
        link.case person.id case.referred_by case.close_reason case.programme person.citizenships person.note
        """
    )
)
DATE_FIELDS = frozenset(
    _codes(
        """
        person.born_on person.arrived_on case.opened_on case.closed_on case.declined_on hearing.on deadline.on
        event.on event.starts_at event.ends_at task.due_on task.done_on note.at proceeding.began_on
        proceeding.ended_on history.on history.until_on
        """
    )
)
TIME_FIELDS = frozenset(("hearing.time", "event.time", "event.starts_at"))
# A file without one of a group lacks what its rows are about.
NAMES = ("person.name_as_written", "person.name_last_first", "person.given", "person.family", "person.company")
NEEDED = {
    "case": ((*NAMES, "link.client", "link.client_name", "link.applicant_name"), ("case.id",)),
    "person": (NAMES, ("person.id",)),
    "party": (NAMES, ("link.case",)),
    "hearing": (("link.case",), ("event.on", "event.starts_at")),
    "task": (("link.case", "link.client_name"), ("task.title", "task.kind")),
    "deadline": (("link.case", "link.client_name", "link.applicant_name"), ("task.due_on",)),
    "note": (("link.case", "link.client_name"), ("note.text",)),
    "service": (("link.case",),),
    "time": (("link.case",),),
    "proceeding": (("link.case",),),
    "history": (("link.case",),),
    "document": (("link.case",), ("document.name", "document.id")),
    "nothing": (),
}
