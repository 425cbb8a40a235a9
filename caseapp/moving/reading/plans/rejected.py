"""The rows that a file's plan rejects, as a file to mend and import again."""

import csv
import io
from collections.abc import Callable, Sequence

from caseapp.moving.reading.plans.row_plan import Problem

# A spreadsheet takes a cell that begins so for a formula, and may run it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless_cell(text: str) -> str:
    """Return the text of a cell as no spreadsheet takes for a formula: with an apostrophe before its first sign."""
    return (
        f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS) else text
    )


class RejectedRows:
    """Writes rejected rows as CSV in UTF-8: row number, reasons, then the columns of the file as they were."""

    def __init__(self, headings: Sequence[str], *, row_label: str, reason_label: str) -> None:
        self._mark = "\ufeff"
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(map(harmless_cell, (row_label, reason_label, *headings)))

    def add(
        self, number: int, cells: Sequence[str], problems: Sequence[Problem], explain: Callable[[Problem], str]
    ) -> None:
        """Add a row with the sentences of its errors."""
        reasons = " ".join(explain(problem) for problem in problems if problem.is_error)
        self._writer.writerow(map(harmless_cell, (str(number), reasons, *cells)))

    def take(self) -> bytes:
        """Return what was written since the last call; the first call begins with a mark that spreadsheets know."""
        text = self._mark + self._text.getvalue()
        self._mark = ""
        self._text.seek(0)
        self._text.truncate()
        return text.encode()
