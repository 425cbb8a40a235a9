"""The question of a form about people who may be the same, asked before it is saved."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from caseapp.clients.services.duplicates import OTHER, SAME, PossibleDuplicates
from caseapp.index.results import Alike
from caseapp.ui.display import labels
from caseapp.ui.display.paths import case_path, quick_reverse
from caseapp.ui.display.people.likeness_texts import DEGREES, list_reasons
from caseapp.ui.forms.form_saving import ActionResult, try_action
from caseapp.ui.forms.person_fields import PersonFields

PREFIX = "alike-"  # of the field of each answer; the person's id follows
NO_PERSON = UUID(int=0)  # of a row that an older program wrote
T = TypeVar("T")


@dataclass(frozen=True)
class AlikeLine:
    """A person who may be the same. `field` is the name of the answer's field, `answer` what was answered before.

    is_same_case  they are in the case of the form: they can only be another person, or be opened
    """

    field: str
    answer: str
    ref: str
    href: str
    name: str
    role: str
    degree: str
    reasons_for: str
    reasons_against: str
    is_closed: bool
    is_same_case: bool


def read_answers(posted: Mapping[str, str]) -> dict[UUID, str]:
    """Return what a sent form says about each person who may be the same."""
    answers = {}
    for name, answer in posted.items():
        if name.startswith(PREFIX) and answer in (SAME, OTHER):
            try:
                answers[UUID(name.removeprefix(PREFIX))] = answer
            except ValueError:
                continue  # not a field of this form
    return answers


def try_after_check(
    form: PersonFields, answers: Mapping[UUID, str], action: Callable[[], T], *, case_id: UUID | None = None
) -> ActionResult[T] | None:
    """Call a service that saves a person, as `try_action`; the form then asks about people who may be the same."""

    def act() -> T:
        try:
            return action()
        except PossibleDuplicates as exc:
            form.alike = tuple(alike_lines(exc.alike, answers, case_id))
            raise

    return try_action(form, act)


def alike_lines(alike: Iterable[Alike], answers: Mapping[UUID, str], case_id: UUID | None) -> Iterable[AlikeLine]:
    for each in alike:
        is_same_case, person_id = each.case_id == case_id, each.person.id
        person_page = quick_reverse("clients:person", each.case_id, person_id)
        yield AlikeLine(
            field=f"{PREFIX}{person_id}",
            answer=answers.get(person_id, ""),
            ref=each.row.ref,
            href=person_page if is_same_case and person_id != NO_PERSON else case_path(each.case_id),
            name=each.names[0] if each.names else "",
            role=labels.label_of(labels.PARTY_ROLES, each.person.role),
            degree=labels.label_of(DEGREES, each.likeness.degree),
            reasons_for=list_reasons(each.likeness.reasons_for),
            reasons_against=list_reasons(each.likeness.reasons_against),
            is_closed=each.row.closed,
            is_same_case=is_same_case,
        )
