"""Services for the tasks of a case."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.task import Task


def add_task(
    staff: Staff, case_id: UUID, *, text: str, due_on: dt.date | None = None, owner: UUID | None = None
) -> UUID:
    """Add a task for `owner`, by default the member who adds it. Return its id.

    Raises Refused when the text is empty or over 500 characters.
    """
    text = clean_task_text(text)
    with case_transaction(staff, case_id) as draft:
        return draft.add(Task(text=text, due_on=due_on, owner=owner or staff.member_id))


def clean_task_text(text: str) -> str:
    """Return the text of a task without spaces around it. Raises Refused when it is empty or over 500 characters."""
    if not text.strip() or len(text) > 500:
        raise Refused("text", "Write what is to be done, in at most 500 characters.")
    return text.strip()


def finish_task(staff: Staff, case_id: UUID, task_id: UUID, *, done: bool = True) -> None:
    """Mark a task as done; with done=False, as open again."""
    with case_transaction(staff, case_id) as draft:
        task = draft.file.get(task_id, Task)
        on, by = (clock.today(staff.zone), staff.member_id) if done else (None, None)
        draft.change(task_id, replace(task.record, done_on=on, done_by=by))
