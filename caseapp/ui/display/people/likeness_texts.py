"""Sentences about the likeness of two people: the degree, and each reason for and against."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.index.likeness import Reason
from caseapp.lib.partial_dates import PartialDate
from caseapp.records.names import format_a_number
from caseapp.ui.display import tags
from caseapp.ui.display.labels import Labels
from caseapp.ui.display.people.fact_lines import name_countries

DEGREES: Labels = {
    "very_likely": gettext_lazy("Very likely the same person"),
    "likely": gettext_lazy("Likely the same person"),
    "possible": gettext_lazy("Possibly the same person"),
}
# Without values: what is compared is shown next to them, or is the same for both.
_PLAIN: Labels = {
    "same_name": gettext_lazy("same name"),
    "reordered_name": gettext_lazy("same name in another order"),
    "name_in_other_script": gettext_lazy("same name in another script"),
    "name_sounds_alike": gettext_lazy("name sounds alike"),
    "name_spelled_alike": gettext_lazy("name has a similar spelling"),
    "part_of_name": gettext_lazy("one name is part of the other"),
    "some_names_alike": gettext_lazy("part of the name is alike"),
    "other_name": gettext_lazy("other name"),
}
# With the value that both share.
_SHARED: Labels = {
    "same_a_number": gettext_lazy("same A-Number: %(value)s"),
    "same_number": gettext_lazy("same number: %(value)s"),
    "same_phone": gettext_lazy("same phone: %(value)s"),
    "same_birth_date": gettext_lazy("same date of birth: %(value)s"),
    "same_birth_month": gettext_lazy("same month of birth: %(value)s"),
    "same_birth_year": gettext_lazy("same year of birth: %(value)s"),
    "same_country": gettext_lazy("same country: %(value)s"),
}
# With the value of the other person.
_THEIRS: Labels = {
    "close_a_number": gettext_lazy("A-Number differs by one digit: %(value)s"),
    "birth_day_and_month_swapped": gettext_lazy("day and month of birth changed places: %(value)s"),
    "same_birth_day_and_month": gettext_lazy("same day of birth in another year: %(value)s"),
    "other_birth_year": gettext_lazy("other year of birth: %(value)s"),
    "other_birth_date": gettext_lazy("other date of birth: %(value)s"),
    "other_country": gettext_lazy("other country: %(value)s"),
    "other_a_number": gettext_lazy("other A-Number: %(value)s"),
}


def reason_sentence(reason: Reason) -> str:
    """Return a reason in the language of the page; an unknown code is returned unchanged."""
    if reason.code in _PLAIN:
        return str(_PLAIN[reason.code])
    sentence = _SHARED.get(reason.code) or _THEIRS.get(reason.code)
    return str(sentence) % {"value": _value_of(reason)} if sentence else reason.code


def _value_of(reason: Reason) -> str:
    """Return the value of the other person as the page shows it."""
    show: dict[str, Callable[[str], str]] = {
        "same_a_number": format_a_number,
        "close_a_number": format_a_number,
        "other_a_number": format_a_number,
        "same_country": _countries,
        "other_country": _countries,
        "same_birth_year": lambda text: text[:4],
        "other_birth_year": lambda text: text[:4],
        "same_birth_month": lambda text: _birth(text[:7]),
    }
    if reason.code in show:
        return show[reason.code](reason.theirs)
    return _birth(reason.theirs) if "birth" in reason.code else reason.theirs


def _countries(codes: str) -> str:
    return name_countries(codes.split())


def _birth(text: str) -> str:
    return tags.partial_day(PartialDate.of_text(text))


def list_reasons(reasons: tuple[Reason, ...]) -> str:
    """Return reasons as one line; "nothing" where there are none."""
    return "; ".join(map(reason_sentence, reasons)) or _("nothing")
