"""Errors and questions about a file. Their sentences are in `caseapp.moving.panels.import_texts`."""

import msgspec

from caseapp.lib.errors import CaseappError


class UnreadableFile(CaseappError):
    """A file that cannot be read. `code` names the reason; `values` are counts, limits and separators, no content."""

    def __init__(self, code: str, **values: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class FileQuestion(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A question about the whole file. Until it is answered the rows that it concerns are rejected, if it is blocking.

    examples  texts of the file that show why it is asked; client data, so never for a log
    """

    code: str  # encoding, merged, date_order, short_years, zone, reference, relief
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    rows: int = 0  # how many rows it concerns
    is_blocking: bool = True
