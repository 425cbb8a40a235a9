"""The forms of an import, as `tests/ui/test_crash_in_each_write.py` sends them."""

from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caseapp.casefile.file_storage import BlobWriter
from caseapp.moving.services import imports
from caseapp.moving.services.importing.shapes import AlikeCase, CheckedRow
from tests.helpers.crashes import Office
from tests.moving.importing_world import case_plan, checked_import

LIST = b"Case ID#,Client Name,Date of Birth\n26-0000001,Amina Diallo,05/25/1987\n"
COLUMNS = ("Case: number in the other system", "Client: name as written", "Client: date of birth")
Sent = dict[str, object]


def upload(_office: Office) -> tuple[str, Sent]:
    """The file with the rows, and a document that a row may name."""
    files = {"source": [SimpleUploadedFile("cases.csv", LIST)], "documents": [SimpleUploadedFile("a.pdf", b"%PDF-1.7")]}
    return reverse("moving:import_start"), {**files}


def more_files(office: Office) -> tuple[str, Sent]:
    """A document for an import that is here."""
    return _at("import_one", _checked(office)), {"documents": [SimpleUploadedFile("b.pdf", b"%PDF-1.7 b")]}


def columns(office: Office) -> tuple[str, Sent]:
    """What the columns of a file mean."""
    staff = office.worker.staff
    writer = BlobWriter(staff.org_id)
    writer.write(LIST)
    import_id = imports.begin(staff, ("cases.csv", writer.finish()), [])
    meant: Sent = {f"column-{number}": column for number, column in enumerate(COLUMNS)}
    return _at("import_mapping", import_id), {**meant, "act": "columns", "date_order": "mdy", "short_years_from": "0"}


def plan(office: Office) -> tuple[str, Sent]:
    """The team, and what is done about people who may be here already."""
    team = office.worker.staff.keys.teams[0].group
    return _at("import_plan", _checked(office)), {"group": str(team), "default": "open"}


def alike(office: Office) -> tuple[str, Sent]:
    """The choice for one row whose person may be here already."""
    row = CheckedRow(plan=case_plan(1), alike=(AlikeCase(office.case_id, "X", "Farid Karimi", "likely"),))
    return _at("import_alike", checked_import(office.worker.staff, [row])), {"row-2": "open"}


def remove(office: Office) -> tuple[str, Sent]:
    """An import that goes from the list."""
    return _at("import_remove", _checked(office)), {}


def _checked(office: Office) -> UUID:
    return checked_import(office.worker.staff, [case_plan(1)])


def _at(name: str, import_id: UUID) -> str:
    return reverse(f"moving:{name}", args=[import_id])


FORMS = {
    "moving:import_start": upload,
    "moving:import_one": more_files,
    "moving:import_mapping": columns,
    "moving:import_plan": plan,
    "moving:import_alike": alike,
    "moving:import_remove": remove,
}
