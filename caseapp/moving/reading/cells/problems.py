"""A cell that cannot be read."""

from caseapp.lib.errors import CaseappError


class CellProblem(CaseappError):
    """A cell whose text does not mean what its column needs. `code` names the reason; the text is not in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
