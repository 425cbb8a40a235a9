"""A deadline's stored working: asked again by the rules, and shown in the page's language without being changed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from msgspec.structs import replace

from caseapp import rules
from caseapp.casefile.office_law import Law
from caseapp.deadlines.panels.working import read_working, reasons_of, working_of
from caseapp.deadlines.services import calculation, current_law
from caseapp.records.deadline import Deadline, Proposal, Step, StoredSentence, Working
from caseapp.records.office import Office
from caseapp.rules.explain import sentences
from caseapp.rules.packs.rulebook import Rulebook
from caseapp.ui.display.law_texts import render_sentence
from tests.rules.office import PACK

APPEAL = ("us.bia.appeal", {"oral_decision": dt.date(2026, 11, 16)})
FILINGS = ("us.eoir.individual.filings", {"hearing": dt.date(2026, 12, 15)})
CHICAGO = rules.Options(zone="America/Chicago")
OFFICE = rules.standard().with_office(rules.read_office_pack(PACK))
OFFICE_RULE = ("office.foia.file", {"retainer_signed": dt.date(2026, 11, 23)})


def computed(rule: str, events: dict[str, dt.date], **more: Any) -> Deadline:
    return calculation.compute_deadline(rule, events, CHICAGO, **more)


def working(deadline: Deadline) -> Working:
    assert deadline.working is not None
    return deadline.working


def as_stored_before(kept: Working) -> Working:
    """The working as a program stored it that knew only English text."""
    plain = msgspec.to_builtins(kept)
    for step in plain["steps"]:
        step.pop("code"), step.pop("values", None)
    plain.pop("warning_sentences", None), plain.pop("other_sentences", None)
    return msgspec.convert(plain, Working)


def shown(deadline: Deadline, language: str, book: Rulebook | None = None) -> str:
    """The working as its page shows it."""
    with translation.override(language):
        return render_to_string("deadlines/_working.html", {"working": working_of(deadline, book)})


def with_text(kept: Working, name: str, text: str) -> Working:
    """The working of an older program in which the step of this name reads differently."""
    return replace(kept, steps=tuple(replace(s, text=text) if s.name == name else s for s in kept.steps))


def changed_law(change: Callable[[rules.Rule], rules.Rule | None]) -> Rulebook:
    packs = []
    for pack in rules.standard().packs:
        kept = tuple(rule for rule in map(change, pack.rules) if rule is not None)
        packs.append(replace(pack, rules=kept, version="2027.01.05"))
    return Rulebook(packs)


def test_a_records_working_is_replayed_compared_and_checked_for_confirmations() -> None:
    kept = msgspec.to_builtins(computed(*APPEAL).working)
    assert rules.replay(kept).due_on == dt.date(2026, 11, 27)
    assert rules.find_unconfirmed(kept, book=rules.standard()) == ("rule:us.bia.appeal",)
    assert not rules.compare(kept).changed
    other = rules.compare(kept, changed={"position": "30"})
    assert other.was == {"due_on": "2026-11-27", "act_by": "2026-11-27"}
    assert rules.render_english(other.why[-1]) == "Last day: was Fri 27 Nov 2026, would be Wed 16 Dec 2026."


def test_a_new_working_stores_code_and_values_and_the_same_in_english() -> None:
    caution = rules.Sentence("warning.clock_stopped")
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(working(computed(*APPEAL, cautions=(caution,)))), type=Working)
    assert kept.steps[-1] == Step(
        name="Result",
        text="Last day Fri 27 Nov 2026, to the end of that day at the receiving office",
        on="2026-11-27",
        code="result.last_day",
        values={"day": ["day", "2026-11-27"]},
    )
    assert all(step.code for step in kept.steps)
    assert kept.warning_sentences[0] == StoredSentence(code="warning.clock_stopped")
    said = read_working(kept)
    assert [step.text for step in kept.steps] == list(map(rules.render_english, said.steps))
    assert list(kept.warnings) == list(map(rules.render_english, said.warnings))
    assert [text for *_, text in kept.others] == list(map(rules.render_english, said.others))
    assert len(kept.others) == len(kept.other_sentences) > 0


@pytest.mark.parametrize("question", [APPEAL, FILINGS, ("us.cfi.review", {"printed_date": dt.date(2026, 12, 1)})])
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_an_older_working_is_computed_again_and_shown_like_a_new_one(question: Any, language: str) -> None:
    new = computed(*question, cautions=(rules.Sentence("warning.clock_stopped"),))
    old = replace(new, working=as_stored_before(working(new)))
    assert not any(step.code or step.values for step in working(old).steps)
    assert shown(old, language) == shown(new, language)
    assert 'lang="en"' not in shown(old, language)


def test_a_text_that_comes_out_differently_stays_as_stored_and_is_marked_as_english() -> None:
    new = computed(*APPEAL)
    told = "Last day Fri 27 Nov 2026, as an older program said it"
    old = replace(new, working=with_text(as_stored_before(working(new)), "Result", told))
    page = shown(old, "es")
    assert f'<span lang="en">{told}</span>' in page
    assert page.count('lang="en"') == 1
    assert "mar. 17 nov. 2026 = día 1 ... jue. 26 nov. 2026 = día 10" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert told in shown(old, "en")
    assert 'lang="en"' not in shown(old, "en")


def test_reading_an_older_working_changes_nothing_of_it() -> None:
    old = as_stored_before(working(computed(*FILINGS)))
    before = msgspec.msgpack.encode(old)
    read_working(old)
    shown(replace(computed(*FILINGS), working=old), "fr")
    assert msgspec.msgpack.encode(old) == before


def test_an_older_working_is_recognised_under_a_later_pack_where_its_rule_is_the_same() -> None:
    old = replace(computed(*APPEAL), working=as_stored_before(working(computed(*APPEAL))))
    later = changed_law(lambda rule: replace(rule, citation="cited anew"))
    with pytest.raises(rules.RuleError, match="was made with"):
        rules.replay(msgspec.to_builtins(old.working), book=later)
    assert 'lang="en"' not in shown(old, "es", later)


def test_where_the_rule_counts_differently_now_only_what_is_still_the_same_is_translated() -> None:
    old = replace(computed(*APPEAL), working=as_stored_before(working(computed(*APPEAL))))
    page = shown(old, "es", changed_law(lambda r: replace(r, version=2) if r.id == "us.bia.appeal" else r))
    rule = next(step.text for step in working(old).steps if step.name == "Rule")
    assert f'<span lang="en">{escape(rule)}</span>' in page
    assert page.count('lang="en"') == 1


def test_a_working_whose_rule_is_gone_keeps_its_texts_and_what_the_packs_still_say_is_translated() -> None:
    old = replace(computed(*FILINGS), working=as_stored_before(working(computed(*FILINGS))))
    gone = changed_law(lambda rule: rule if rule.id != FILINGS[0] else None)
    page = shown(old, "es", gone)
    for step in working(old).steps:
        assert f'<span lang="en">{escape(step.text)}</span>' in page
    known = read_working(working(old), gone).warnings
    with translation.override("es"):
        assert all(render_sentence(warning).languages == {"es"} for warning in known)


def test_a_working_by_a_rule_of_the_office_is_recognised_with_the_offices_law() -> None:
    new = computed(*OFFICE_RULE, book=OFFICE)
    old = replace(new, working=as_stored_before(working(new)))
    assert shown(old, "es", OFFICE) == shown(new, "es", OFFICE)
    assert "último" in shown(old, "es", OFFICE).lower()
    assert "último" not in shown(old, "es").lower()


def test_an_older_working_is_recognised_after_a_sentence_got_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    old = replace(computed(*APPEAL), working=as_stored_before(working(computed(*APPEAL))))
    words = sentences.SENTENCES["result.last_day"]
    monkeypatch.setattr(sentences, "SENTENCES", {**sentences.SENTENCES, "result.last_day": "Received by %(day)s"})
    assert '<span lang="en">Last day Fri 27 Nov 2026, to the end of that day' in shown(old, "es")
    monkeypatch.setattr(sentences, "FORMER", {"result.last_day": (words,)})
    assert "Received by vie. 27 nov. 2026" in shown(old, "es").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("result.of_tomorrow", {"day": ["day", "2026-11-27"]}),
        ("result.last_day", {"day": ["moon", "2026-11-27"]}),
        ("result.last_day", {"day": ["day", "tomorrow"]}),
        ("result.last_day", {}),
    ],
)
def test_a_code_of_a_newer_program_or_a_damaged_one_leaves_the_english_text(code: str, values: dict[str, Any]) -> None:
    kept = working(computed(*APPEAL))
    steps = tuple(
        replace(s, code=code, values=values, text="Last day, said anew") if s.name == "Result" else s
        for s in kept.steps
    )
    page = shown(replace(computed(*APPEAL), working=replace(kept, steps=steps)), "es")
    assert '<span lang="en">Last day, said anew</span>' in page


def proposal(deadline: Deadline, book: Rulebook) -> Proposal:
    comparison = rules.compare(msgspec.to_builtins(deadline.working), book=book)
    return current_law.build_proposal(
        comparison, Law(Office(name="Riverside", zone="America/Chicago"), None, book), dt.date(2026, 11, 24)
    )


def test_the_reasons_of_a_proposal_are_stored_as_data_and_recognised_in_an_older_one() -> None:
    deadline = computed("us.asylum.one_year", {"last_arrival": dt.date(2026, 4, 9)})
    law = changed_law(lambda r: replace(r, version=2, count="+11m") if r.id == "us.asylum.one_year" else r)
    new = proposal(deadline, law)
    assert len(new.why) == len(new.why_sentences) > 1
    assert new.why[-1] == "Internal deadline: was Thu 8 Apr 2027, would be Tue 9 Mar 2027."
    old = replace(new, why_sentences=())
    with translation.override("es"):
        assert str(reasons_of(new, deadline.working, law)[-1]).replace("\N{NO-BREAK SPACE}", " ") == (
            "Fecha límite interna: era jue. 8 abr. 2027, sería mar. 9 mar. 2027."
        )
        assert reasons_of(old, deadline.working, law) == reasons_of(new, deadline.working, law)
        changed = replace(old, why=(*old.why[:-1], "Act by: earlier."))
        assert reasons_of(changed, deadline.working, law)[-1].fragments == (("Act by: earlier.", "en"),)


def test_a_proposal_without_a_date_says_so_in_the_pages_language() -> None:
    deadline = computed(*APPEAL)
    gone = proposal(deadline, changed_law(lambda rule: rule if rule.id != "us.bia.appeal" else None))
    assert gone.why == (
        "No rule computes this date any more: It can no longer be computed: there is no rule 'us.bia.appeal'",
    )
    with translation.override("fr"):
        (reason,) = reasons_of(gone, deadline.working)
    assert reason.fragments[0] == ("Plus aucune règle ne calcule cette date : Ne peut plus être calculé : ", "fr")
