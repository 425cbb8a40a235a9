"""The form of "Record a notice or event": a group, an event of the catalogue, and exactly what its rules need."""

from collections.abc import Iterator, Sequence, Set
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.deadlines.services import custody_dates
from caseapp.deadlines.services.notices import NewNotice
from caseapp.deadlines.services.person_dates.kept_dates import is_kept_once
from caseapp.lib.text.search_words import has_all_words
from caseapp.rules import CatalogueEvent
from caseapp.ui.display.case_header import PersonChoice
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.event_questions import ASKED, EventQuestionsForm
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field

OFTEN = "often"  # the group of the events that are recorded most
ChoiceGroup = tuple[str, list[tuple[str, str]]]


class NoticeForm(EventQuestionsForm):
    """A notice or event of a case.

    The list follows `find` and `group`, the questions follow the event. `found_for` and `shown_for` are the values they
    were last shown for: after a change they are first shown again, without errors about missing values.
    """

    asks_first_with_dates = False  # a correction has dates typed while its questions are still those of another event

    find = forms.CharField(
        label=gettext_lazy("Find"),
        required=False,
        max_length=LINE_LIMIT,
        help_text=gettext_lazy("Words of the notice or event, for example NOID, bond, I-130, moved."),
    )
    group = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    what = forms.ChoiceField(
        label=gettext_lazy("Notice or event"),
        error_messages={"required": gettext_lazy("Choose the notice or event.")},
    )
    found_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2 * LINE_LIMIT)
    shown_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LINE_LIMIT)

    def __init__(
        self, *args: Any, packs: Set[str], persons: Sequence[PersonChoice], is_detained: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_detained = is_detained
        self.is_only_shown = False
        self.event: CatalogueEvent | None = None
        find, group = str(self.data.get("find", "")).strip()[:LINE_LIMIT], str(self.data.get("group", ""))
        recorded = str(self.initial.get("what", ""))
        chosen = str(self.data.get("what", "")) or recorded
        offered = list(_offered_events(packs, keep=recorded))
        cast(forms.ChoiceField, self.fields["group"]).choices = _group_choices(offered)
        groups = _event_choices(offered, find, group, keep=chosen)
        cast(forms.ChoiceField, self.fields["what"]).choices = [("", _("Choose one")), *groups]
        self.total = len({code for _label, choices in groups for code, _text in choices})
        self.event = next((event for event in offered if event.id == chosen), None)
        if self.event is not None:
            self._add_questions(self.event, persons)
        if self.is_bound:
            self._update_shown_state(f"{group}|{find}", chosen)

    def _update_shown_state(self, found_for: str, chosen: str) -> None:
        """Set `is_only_shown` when the list or the questions are new, and store what they are now shown for."""
        typed = cast(QueryDict, self.data).copy()
        has_dates = any(name.startswith("dated_on") and str(value).strip() for name, value in typed.items())
        is_new_list = "look" in typed and found_for != typed.get("found_for", "")
        may_ask = not has_dates or self.asks_first_with_dates
        is_asking = self.event is not None and typed.get("shown_for") != chosen and may_ask
        self.is_only_shown = is_new_list or is_asking
        if is_asking and self.is_detained:
            # What is recorded about a detained person is asked with that answer first.
            asked = (ASKED + name for name in custody_dates.QUESTIONS)
            typed.update({field: "yes" for field in asked if field in self.fields and not typed.get(field)})
        typed["found_for"], typed["shown_for"] = found_for, chosen
        self.data = typed

    def _add_questions(self, event: CatalogueEvent, persons: Sequence[PersonChoice]) -> None:
        """Add the fields of an event: what the document prints first, then its date, then the questions."""
        self.add_event_fields(event)
        if len(persons) > 1:
            choices = [(str(party_id), name) for party_id, name in persons]
            self.fields["parties"] = forms.MultipleChoiceField(
                label=_("Whom it concerns"),
                help_text="" if is_kept_once(event) else _("Nothing chosen: every client of the case."),
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                required=is_kept_once(event),
                error_messages={"required": _("Choose whose date this is.")},
            )
        self.fields["received_on"] = DateBoxes(
            label=_("Received on"), what=_("the day it was received"), required=False
        )
        self.fields["text"] = long_text_field(gettext_lazy("Note"))
        self.fields["again"] = forms.BooleanField(
            label=_("Record it a second time: it is another one with the same date"), required=False
        )

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """Return the fields of the chosen event; the tick to record it again only after it was refused."""
        shown = [name for name in self.fields if name not in NoticeForm.base_fields]
        return [self[name] for name in shown if name != "again" or self.errors.get("again")]

    def new_notice(self) -> NewNotice:
        """Return what was entered, from a valid form."""
        cleaned = self.cleaned_data
        return NewNotice(
            what=cleaned["what"],
            dated_on=cleaned["dated_on"],
            received_on=cleaned["received_on"],
            how=cleaned.get("how", ""),
            printed_due_on=cleaned.get("printed_due_on"),
            text=cleaned["text"],
            answers=self.answers(),
            parties=tuple(UUID(text) for text in cleaned.get("parties", ())),
            again=cleaned.get("again", False),
        )


def _offered_events(packs: Set[str], keep: str) -> Iterator[CatalogueEvent]:
    """Yield the events of the packs that are recorded here; hearings are booked and decided on their own pages.

    keep  id of the event of a stored notice, which stays in the list
    """
    catalogue = rules.catalogue()
    for event in catalogue.events.values():
        if event.id == keep or (catalogue.pack_of[event.id] in packs and not event.is_recorded_with_a_hearing):
            yield event


def _group_choices(offered: Sequence[CatalogueEvent]) -> list[tuple[str, str]]:
    language, groups = get_language() or "en", rules.catalogue().groups
    names = dict.fromkeys(event.group for event in offered)
    return [("", _("All")), (OFTEN, _("Most used")), *((name, groups[name].in_language(language)) for name in names)]


def _event_choices(offered: Sequence[CatalogueEvent], find: str, group: str, keep: str) -> list[ChoiceGroup]:
    """Return the events of a select by group, the most used first; without a search they lead the list too."""
    language, groups = get_language() or "en", rules.catalogue().groups
    matching = [event for event in offered if has_all_words(_searched_text(event), find)]
    often = sorted((event for event in matching if event.often), key=lambda event: event.often)
    listed: dict[str, list[CatalogueEvent]] = {}
    for event in sorted(matching, key=lambda event: event.often or 1000):
        listed.setdefault(event.group, []).append(event)
    kept = [event for event in offered if event.id == keep]
    shown: list[tuple[str, list[CatalogueEvent]]] = []
    if group in {"", OFTEN} and often:
        shown.append((_("Most used"), often))
    if group != OFTEN:
        shown += [
            (groups[name].in_language(language), listed[name])
            for name in groups
            if name in listed and group in {"", name}
        ]
    if keep and not any(event.id == keep for _label, events in shown for event in events):
        shown += [(groups[event.group].in_language(language), [event]) for event in kept]
    return [(label, [(event.id, event.label.in_language(language)) for event in events]) for label, events in shown]


def _searched_text(event: CatalogueEvent) -> str:
    """Return the words by which an event is found: its labels, its questions' choices and its rules."""
    questions = rules.catalogue().questions
    choices = [choice for name in event.ask for choice in questions[name].choices]
    words = (event.label, *choices)
    texts = [text for item in words for text in (item.en, item.es, item.fr)]
    return " ".join((*texts, event.event, *(start.rule for start in event.starts)))
