"""The notice on pages that show cases while a list of cases is damaged."""

from django.utils import formats
from django.utils.translation import gettext as _

from caseapp.index.view import IndexView


def notice_of(index: IndexView) -> str:
    """Return "The list is being rebuilt (340 of 1,200)", or an empty string while every list is whole."""
    if index.rebuild is None:
        return ""
    counts = {"done": _grouped(index.rebuild.done), "total": _grouped(index.rebuild.total)}
    return _("The list is being rebuilt (%(done)s of %(total)s)") % counts


def _grouped(number: int) -> str:
    return formats.number_format(number, force_grouping=True)
