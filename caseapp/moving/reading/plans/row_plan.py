"""The plan of a row: what it would create, with what is wrong with it. A job saves it; nothing here does.

Records have no ids of each other: `parties` is empty where the lead client is meant. What the plan cannot know (which
member a name means, which case an id means) is left as names and ids.
"""

from typing import Literal

import msgspec

from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.records.task import Task

# new: would be created; rejected: has an error; left_out: a footer, a blank id, a list that is not imported;
# duplicate: another row of the file has the same id.
Status = Literal["new", "rejected", "left_out", "duplicate"]
# What a row is about: a case with its client, a person without a case, or something of a case or person elsewhere.
Kind = Literal[
    "case", "person", "party", "hearing", "deadline", "task", "note", "proceeding", "history", "document", "nothing"
]
Ids = dict[str, str]  # "legalserver" or "legalserver.matter_uuid" to the id there


class Problem(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A fault of a row, or something worth a look. `column` is the heading of the file, `value` the text of the cell.

    An error rejects the row. `rows` are other rows that it is about.
    """

    code: str
    column: str = ""
    value: str = ""
    is_error: bool = True
    rows: tuple[int, ...] = ()


class MemberName(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A member as the file names them, by name or e-mail."""

    role: str  # lead, team, assignee, author
    name: str


class DocumentReference(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A document that the file names: matched to files of the documents folder by name, then by id."""

    name: str
    id: str = ""
    title: str = ""


class RowPlan(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The records that one row would create.

    keys         the row's own ids, also kept in `external_ids` of the case or person
    case_keys    ids of the case that it belongs to, for lists other than cases
    person_keys  ids of the client, where the file has them apart from the case
    client_name  the client by name, where the file has no id: matched exactly, else asked
    person       the client to create; with `person_keys` or `client_name` facts to add to that client, if any
    receipts     receipt numbers to add to that case
    safety_note  a line to add to the client's safety note
    wall         why the case is proposed to open restricted: protected_relief, or access_list (to be confirmed)
    """

    row: int  # as a spreadsheet shows it
    status: Status = "new"
    kind: Kind = "case"
    source: str = ""
    keys: Ids = {}
    case_keys: Ids = {}
    person_keys: Ids = {}
    client_name: str = ""
    person: Party | None = None
    case: Case | None = None  # `ref`, `lead` and `team` are empty
    other_parties: tuple[Party, ...] = ()
    histories: tuple[History, ...] = ()
    proceedings: tuple[Proceeding, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    tasks: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()
    documents: tuple[DocumentReference, ...] = ()
    members: tuple[MemberName, ...] = ()
    group_name: str = ""  # office, branch or programme: proposes the group
    receipts: tuple[str, ...] = ()
    safety_note: str = ""
    wall: str = ""
    wall_names: tuple[str, ...] = ()  # of an access list
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that reject the row."""
        return tuple(problem for problem in self.problems if problem.is_error)
