"""The words of an import: its steps, what became of its rows, why it stopped."""

from django.utils.translation import gettext_lazy as _

from caseapp.moving.services.importing import runner, undoing
from caseapp.moving.services.importing.shapes import (
    ATTACH,
    CHECKING,
    DONE,
    OPEN,
    READING,
    READY,
    RUNNING,
    SKIP,
    UNDOING,
    UNDONE,
)
from caseapp.moving.services.own_import import archive_steps, package
from caseapp.ui.display.labels import Labels

STEP_LABELS: Labels = {
    READING: _("Not checked yet"),
    CHECKING: _("Checking rows"),
    READY: _("Checked, nothing is saved yet"),
    RUNNING: _("Saving"),
    DONE: _("Done"),
    UNDOING: _("Undoing"),
    UNDONE: _("Undone"),
}
RESULT_LABELS: Labels = {
    "opened": _("Case opened"),
    "taken_over": _("Completed a case that a list of people had opened"),
    "attached": _("Added to a case that is here"),
    "added": _("Added to its case"),
    "present": _("Here already, with the same values"),
    "differs": _("Here already, with other values"),
    "skipped": _("Skipped: the person may be here already"),
    "waiting": _("Waits for its case"),
    "refused": _("Could not be saved"),
    "rejected": _("Has an error"),
    "left_out": _("Left out"),
    "duplicate": _("Twice in the file"),
    "undone": _("Undone"),
    "kept": _("Kept"),
}
CHECK_LABELS: Labels = {
    "check.new": _("Rows to save"),
    "check.alike": _("Of these, people who may be here already"),
    "check.rejected": _("Rows with an error"),
    "check.duplicate": _("Rows that are twice in the file"),
    "check.left_out": _("Rows left out"),
}
ARCHIVE_LABELS: Labels = {
    archive_steps.NEW: _("Cases to save"),
    archive_steps.PRESENT: _("Cases that are here already"),
    archive_steps.NOT_OPENED: _("Cases that the admin who exported could not open: not in this file"),
    archive_steps.DOCUMENTS: _("Documents"),
}
KEPT_LABELS: Labels = {
    undoing.CHANGED: _("It was changed since."),
    undoing.GONE: _("It does not open for you now."),
}
PROBLEM_LABELS: Labels = {
    runner.STORAGE: _("The storage is full or did not answer. Nothing of that step was saved. Go on when it answers."),
    runner.UNREADABLE: _("The file could not be read. Look at how it is read, then check it again."),
    "archive": _(package.NO_ARCHIVE),
    "changed": _(package.CHANGED),
    "newer": _(package.NEWER_ARCHIVE),
    runner.OTHER: _("An error stopped it. Nothing of that step was saved. Notify your admin, or try to go on."),
}
DECISION_LABELS: Labels = {
    SKIP: _("Skip the row"),
    ATTACH: _("Add its dates and notes to that case"),
    OPEN: _("Open a new case anyway"),
}
