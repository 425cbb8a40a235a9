"""Shapes of the catalogue of events: what a person records, the questions it asks, and the rules it starts."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from caseapp.rules.terms.pack import EventName, ReadingId, RuleId, Text

EventId = Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=60)]
QuestionId = EventId
# date: a day. hour: the hour of the event's own date. printed: a date the document gives, or a tick that it gives none.
# printed_required: a date without which there is no deadline. served: how the document was served.
QuestionKind = Literal["date", "hour", "printed", "printed_required", "served", "choice", "text"]
RecordedOn = Literal["notice", "person", "hearing_booking", "hearing_outcome", "filing", "proceeding", "custody"]


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in the three languages of the pages."""

    en: Text
    es: Text
    fr: Text

    def in_language(self, language: str) -> str:
        """Return the text in a language like "es" or "es-mx"; English for one without a catalogue."""
        code = language.partition("-")[0].lower()
        return {"es": self.es, "fr": self.fr}.get(code, self.en)


class AnswerChoice(Words, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer of a question."""

    id: QuestionId


class EventQuestion(Words, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that decides which rules start, or gives them a date. `future`: a date that may be after today."""

    kind: QuestionKind
    future: bool = False
    choices: tuple[AnswerChoice, ...] = ()


class EventStart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that an event starts.

    on       the rule's trigger that the event's date feeds; "": the event itself
    variant  the reading that is computed, as in "id@variant"
    one_of   of the starts with the same name only the earliest is kept
    when     answers for which the rule starts; a question without an answer never excludes it
    dates    further events of the rule, each with the question that asks for its date
    """

    rule: RuleId
    on: EventName | Literal[""] = ""
    variant: ReadingId | Literal[""] = ""
    one_of: Annotated[str, Meta(max_length=30)] = ""
    when: dict[QuestionId, tuple[QuestionId, ...]] = {}
    dates: dict[EventName, QuestionId] = {}
    caution: Annotated[str, Meta(max_length=2000)] = ""

    @property
    def question(self) -> str:
        """Return the id of the rule, with the variant where one is computed."""
        return f"{self.rule}@{self.variant}" if self.variant else self.rule


class CatalogueEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the catalogue. `id` is stored in records, so it never changes; `event` is the trigger of the packs.

    date     the question that names the event's own date
    booking  stored kind of the hearing that is booked; "": it is not a hearing that pages book
    outcome  stored code of the decision of a hearing; "": it is not recorded with the outcome of a hearing
    often    rank among the events that are recorded most; 0: none
    follows  the packs' chain that the office's own rules may name
    own_severity  the event's own date is the deadline, with this consequence; "": the rules compute it
    """

    id: EventId
    event: EventName
    label_en: Text
    label_es: Text
    label_fr: Text
    group: QuestionId
    recorded_on: RecordedOn
    date: QuestionId
    ask: tuple[QuestionId, ...] = ()
    required: tuple[QuestionId, ...] = ()
    often: Annotated[int, Meta(ge=0, le=999)] = 0
    booking: EventId | Literal[""] = ""
    outcome: EventId | Literal[""] = ""
    follows: EventName | Literal[""] = ""
    own_severity: Literal["", "fatal", "serious", "routine"] = ""
    starts: tuple[EventStart, ...] = ()

    @property
    def is_recorded_with_a_hearing(self) -> bool:
        """Return True when the event is booked or decided on the pages of a hearing."""
        return bool(self.booking or self.outcome)

    @property
    def label(self) -> Words:
        """Return the label in the three languages."""
        return Words(en=self.label_en, es=self.label_es, fr=self.label_fr)


class CatalogueFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The catalogue of one pack as its file has it."""

    pack: str
    groups: dict[QuestionId, Words]
    questions: dict[QuestionId, EventQuestion]
    events: tuple[CatalogueEvent, ...]


class PossibleStart(NamedTuple):
    """A rule that the answers allow, and the questions without an answer that would settle it."""

    start: EventStart
    unanswered: tuple[str, ...]


def possible_starts(event: CatalogueEvent, answers: Mapping[str, str]) -> tuple[PossibleStart, ...]:
    """Return the rules of an event that no answer excludes."""
    possible = []
    for start in event.starts:
        given = {question: answers.get(question, "") for question in start.when}
        if all(not given[question] or given[question] in allowed for question, allowed in start.when.items()):
            possible.append(PossibleStart(start, tuple(question for question in start.when if not given[question])))
    return tuple(possible)
