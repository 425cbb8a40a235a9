"""The numbered working of a deadline as finished values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import NamedTuple

import msgspec
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.records.deadline import Deadline, Proposal, Step, StoredSentence, Working
from caseapp.rules.explain.rendering import RenderedText
from caseapp.ui.display import date_texts, labels, tags
from caseapp.ui.display.law_texts import render_sentence


@dataclass(frozen=True)
class WorkingStep:
    """One numbered line of `components/working.html`."""

    name: str
    what: RenderedText
    because: str
    on: date | None


@dataclass(frozen=True)
class ArguableDate:
    """A date that could also be argued."""

    on: date | None
    text: RenderedText
    citation: str


@dataclass(frozen=True)
class WorkingPanel:
    """The computation, with the version of the rule that applied when it was made."""

    steps: tuple[WorkingStep, ...]
    result: date | None
    result_note: str
    source: str
    warnings: tuple[RenderedText, ...]
    others: tuple[ArguableDate, ...]
    is_flux: bool
    is_manual: bool


class WorkingSentences(NamedTuple):
    """The sentences of a stored working: its steps, its warnings, and the reasons of its other dates."""

    steps: tuple[rules.Sentence, ...]
    warnings: tuple[rules.Sentence, ...]
    others: tuple[rules.Sentence, ...]


def working_of(deadline: Deadline, book: rules.Rulebook | None = None) -> WorkingPanel | None:
    """Return the numbered working, or None for a date set by hand.

    book  the office's law, to recognise the texts of a working that an older program stored
    """
    kept = deadline.working
    if kept is None:
        return None
    reading = read_working(kept, book)
    act_by = parse_day(kept.act_by)
    due_on = parse_day(kept.due_on)
    note = ""
    if act_by and due_on and act_by != due_on:
        note = _("internal deadline; the legal deadline is %(date)s") % {"date": tags.day(due_on)}
    return WorkingPanel(
        steps=tuple(map(_working_step, kept.steps, reading.steps)),
        result=act_by or due_on or parse_day(kept.opens_on),
        result_note=note,
        source=f"{kept.citation} ({kept.rule}, {kept.version})",
        warnings=tuple(map(render_sentence, reading.warnings)),
        others=tuple(map(_arguable_date, kept.others, reading.others)),
        is_flux=kept.state == "flux",
        is_manual=kept.state == "manual",
    )


def read_working(kept: Working, book: rules.Rulebook | None = None) -> WorkingSentences:
    """Return the sentences of a stored working.

    One that an older program stored has only English texts: those that come out the same when the working is computed
    again are sentences too, and the others stay English.
    """
    find_again = cache(partial(rules.find_sentences_again, msgspec.to_builtins(kept), book=book))
    steps = [rules.StoredText(step.text, step.code, step.values) for step in kept.steps]
    others = _stored_texts([text for *_, text in kept.others], kept.other_sentences)
    return WorkingSentences(
        rules.read_sentences(steps, find_again),
        rules.read_sentences(_stored_texts(kept.warnings, kept.warning_sentences), find_again),
        rules.read_sentences(others, find_again),
    )


def reasons_of(
    proposal: Proposal, working: Working | None, book: rules.Rulebook | None = None
) -> tuple[RenderedText, ...]:
    """Return why the law would give another date than `working`. Texts of an older program are read as in a working."""

    def find_again() -> Iterable[rules.Sentence]:
        if working is None or proposal.working is None:
            return ()
        return rules.explain_difference(msgspec.to_builtins(working), msgspec.to_builtins(proposal.working), book=book)

    stored = _stored_texts(proposal.why, proposal.why_sentences)
    return tuple(map(render_sentence, rules.read_sentences(stored, find_again)))


def _stored_texts(texts: Sequence[str], sentences: Sequence[StoredSentence]) -> list[rules.StoredText]:
    """Return each text with its sentence; without one where an older program stored the texts alone."""
    if len(texts) != len(sentences):
        return [rules.StoredText(text) for text in texts]
    return [
        rules.StoredText(text, sentence.code, sentence.values) for text, sentence in zip(texts, sentences, strict=True)
    ]


def _working_step(step: Step, sentence: rules.Sentence) -> WorkingStep:
    """Return a step without its date, because its sentence names the day already."""
    name = labels.label_of(labels.WORKING_STEPS, step.name)
    return WorkingStep(name, render_sentence(sentence), step.citation, None)


def _arguable_date(other: tuple[str, str, str, str], sentence: rules.Sentence) -> ArguableDate:
    _position, due, citation, _text = other
    return ArguableDate(parse_day(due), render_sentence(sentence), citation)


def parse_day(text: str) -> date | None:
    """Return the date of an ISO date or minute; None for an empty text."""
    return datetime.fromisoformat(text).date() if text else None


def format_time(minute: str) -> str:
    """Return `6:30 PM` of an ISO minute; empty for an empty text."""
    return date_texts.clock_text(datetime.fromisoformat(minute).time()) if minute else ""
