"""A stored working asked again: the same law gives the same dates; another law is told as was, would be, why."""

import datetime as dt
import json
from typing import Any

import msgspec
import pytest

from caseapp import rules
from caseapp.rules.engine import computation as engine
from caseapp.rules.packs import rulebook
from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.pack import Rule
from tests.rules.asking import english
from tests.rules.office import PACK

LAW = rules.standard()
FINAL = {"order_final": dt.date(2026, 9, 26)}
FILINGS = "us.eoir.individual.filings"
HEARING = {"hearing": dt.date(2026, 12, 15)}


def stored(
    rule: str, events: dict[str, Any], options: rules.Options = rules.STANDARD_OPTIONS, book: rulebook.Rulebook = LAW
) -> dict[str, Any]:
    computed = rules.compute(rule, events, options, book=book)
    found: dict[str, Any] = json.loads(json.dumps(rules.computation_as_json(computed)))
    return found


def changed(rule_id: str, version: str = "2027.01.05", **fields: Any) -> rulebook.Rulebook:
    """Our packs as they might be after the law changed: one rule has other fields."""
    packs = []
    for pack in LAW.packs:
        new = tuple(
            msgspec.structs.replace(rule, **{"version": rule.version + 1, **fields}) if rule.id == rule_id else rule
            for rule in pack.rules
        )
        packs.append(msgspec.structs.replace(pack, rules=new, version=version) if new != pack.rules else pack)
    return rulebook.Rulebook(packs)


def test_the_same_law_changes_nothing_and_says_nothing() -> None:
    found = rules.compare(stored("us.ij.reopen", FINAL))
    assert (found.changed, found.why) == (False, ())
    assert found.was == {"due_on": "2026-12-28", "act_by": "2026-12-28"}


def test_a_shorter_count_is_told_as_was_would_be_and_why() -> None:
    # 60 days from Sat 26 Sep 2026: 4 in September, 31 in October, 25 in November: Wed 25 Nov.
    found = rules.compare(stored("us.ij.reopen", FINAL), book=changed("us.ij.reopen", count="+60d"))
    assert found.changed
    assert found.was["due_on"] == "2026-12-28"
    assert found.would_be is not None
    assert found.would_be.dates_as_text() == {"due_on": "2026-11-25", "act_by": "2026-11-25"}
    assert english(found.why)[0] == "Version: was us-federal 2026.11.29 v1, is now us-federal 2027.01.05 v2."
    assert "us.ij.reopen v1: 90 calendar days after" in english(found.why)[1]
    assert "is now “us.ij.reopen v2: 60 calendar days after" in english(found.why)[1]
    assert "Last day: was Mon 28 Dec 2026, would be Wed 25 Nov 2026." in english(found.why)
    assert "Internal deadline: was Mon 28 Dec 2026, would be Wed 25 Nov 2026." in english(found.why)


def test_a_roll_that_is_gone_is_told_with_the_days_it_moved_over() -> None:
    found = rules.compare(stored("us.ij.reopen", FINAL), book=changed("us.ij.reopen", roll="none"))
    assert any(
        line.startswith("Moved, no longer: “Fri 25 Dec 2026 is a closed day (Christmas Day)")
        for line in english(found.why)
    )
    assert found.would_be is not None
    assert found.would_be.due_on == dt.date(2026, 12, 25)


def test_another_citation_alone_changes_no_date_but_the_version_is_told() -> None:
    found = rules.compare(stored("us.ij.reopen", FINAL), book=changed("us.ij.reopen", citation="8 CFR 1003.23(b)(2)"))
    assert not found.changed
    assert english(found.why)[0].startswith("Version: was us-federal 2026.11.29 v1")
    assert not any(line.startswith("Last day") for line in english(found.why))


def test_a_closure_entered_later_moves_the_last_day_and_never_act_by() -> None:
    before = stored("us.ij.reopen", {"order_final": dt.date(2026, 9, 8)}, rules.Options(court="Court North"))
    found = rules.compare(before, book=LAW.with_office(rules.read_office_pack(PACK)))
    assert found.would_be is not None
    assert found.would_be.dates_as_text() == {"due_on": "2026-12-09", "act_by": "2026-12-07"}
    assert any(line.startswith("Moved, new: “Mon 7 Dec 2026 is a closed day") for line in english(found.why))
    assert "Last day: was Mon 7 Dec 2026, would be Wed 9 Dec 2026." in english(found.why)
    assert not any(line.startswith("Internal deadline") for line in english(found.why))


def test_a_closure_taken_back_is_looked_up_anew_not_taken_from_the_working() -> None:
    office = rules.read_office_pack(PACK)
    before = stored(
        "us.ij.reopen",
        {"order_final": dt.date(2026, 9, 8)},
        rules.Options(court="Court North"),
        book=LAW.with_office(office),
    )
    assert before["due_on"] == "2026-12-09"
    found = rules.compare(before, book=LAW.with_office(msgspec.structs.replace(office, closures=())))
    assert found.would_be is not None
    assert found.would_be.dates_as_text() == {"due_on": "2026-12-07", "act_by": "2026-12-07"}
    assert rules.replay(before).due_on == dt.date(2026, 12, 9)


def test_a_standing_order_that_came_is_told_as_a_position() -> None:
    before = stored(FILINGS, HEARING, rules.Options(court="Court North", judge="Smith"))
    found = rules.compare(before, book=LAW.with_office(rules.read_office_pack(PACK)))
    assert found.would_be is not None
    assert found.would_be.position == "order_smith_45"
    assert any("Position, new: “Position order_smith_45, used here" in line for line in english(found.why))


def test_the_offices_selection_can_be_asked_differently() -> None:
    before = stored("us.bia.appeal", {"oral_decision": dt.date(2026, 11, 16)})
    found = rules.compare(before, changed={"position": "30"})
    assert found.would_be is not None
    assert found.would_be.dates_as_text() == {"due_on": "2026-12-16", "act_by": "2026-11-27"}
    assert english(found.why)[-1] == "Last day: was Fri 27 Nov 2026, would be Wed 16 Dec 2026."


def test_a_reading_asked_for_by_name_stays_the_one_asked_for() -> None:
    variant = stored("us.uscis.n400.early", {"lpr_since": dt.date(2024, 2, 29)}, rules.Options(years=3))
    assert rules.recompute(variant).opens_on == dt.date(2026, 11, 30)
    named = stored("us.bia.appeal@30", {"oral_decision": dt.date(2026, 11, 16)})
    assert rules.recompute(named).due_on == dt.date(2026, 12, 16)


def test_a_working_stored_before_the_question_was_kept_is_asked_for_the_earliest_position() -> None:
    old = stored("us.bia.appeal", {"oral_decision": dt.date(2026, 11, 16)})
    del old["inputs"]["asked"]
    assert rules.replay(old).due_on == dt.date(2026, 11, 27)
    assert rules.recompute(old).due_on == dt.date(2026, 11, 27)
    detained = stored("fr.irtf.recours@detained", {"irtf_notified": dt.datetime(2026, 11, 16, 12)})
    del detained["inputs"]["asked"]
    assert rules.recompute(detained).due_on == dt.datetime(2026, 11, 18, 12)


def test_a_rule_that_is_gone_has_no_date_and_says_why() -> None:
    rest = [
        msgspec.structs.replace(
            pack,
            rules=tuple(rule for rule in pack.rules if rule.id != "us.ij.reopen"),
        )
        for pack in LAW.packs
    ]
    found = rules.compare(stored("us.ij.reopen", FINAL), book=rulebook.Rulebook(rest))
    assert (found.changed, found.would_be) == (True, None)
    assert english(found.why) == ("It can no longer be computed: there is no rule 'us.ij.reopen'",)


@pytest.mark.parametrize("damaged", [{}, {"rule": "us.ca.pfr"}, {"rule": "us.ca.pfr", "version": "x", "inputs": 3}])
def test_a_damaged_working_is_refused_in_one_line(damaged: dict[str, Any]) -> None:
    for again in (rules.replay, rules.recompute, rules.compare):
        with pytest.raises(rules.RuleError, match="this is not a stored working"):
            again(damaged)


def test_the_version_of_a_pack_is_its_date_and_its_content() -> None:
    date, _, mark = rules.pack_version().partition("-")
    assert date == "2026.11.29"
    assert len(mark) == 12
    assert rules.pack_version() == rulebook.Rulebook(LAW.packs).version
    assert changed("us.ij.reopen", count="+60d").version.startswith("2027.01.05-")
    assert changed("us.ij.reopen", version="2026.11.29", count="+60d").version != rules.pack_version()


def test_an_offices_pack_gives_its_book_a_version_of_its_own() -> None:
    office = rules.read_office_pack(PACK)
    with_it = LAW.with_office(office)
    without_orders = LAW.with_office(msgspec.structs.replace(office, standing_orders=()))
    assert len({rules.pack_version(), with_it.version, without_orders.version}) == 3
    assert LAW.with_office(None).version == rules.pack_version()


def test_dates_in_an_office_rule_change_by_version() -> None:
    rule = rules.read_office_pack(PACK).rules[0]
    first = msgspec.structs.replace(rule, effective_until=dt.date(2026, 12, 31))
    second: Rule = msgspec.structs.replace(rule, version=2, count="+5d", effective_from=dt.date(2027, 1, 1))
    law = LAW.with_office(msgspec.structs.replace(rules.read_office_pack(PACK), rules=(first, second)))
    # Thu 31 Dec 2026 + 10 days is Sun 10 Jan, runs to Mon 11; Fri 1 Jan 2027 + 5 days is Wed 6.
    last = rules.compute("office.foia.file", {"retainer_signed": dt.date(2026, 12, 31)}, book=law)
    new = rules.compute("office.foia.file", {"retainer_signed": dt.date(2027, 1, 1)}, book=law)
    assert (last.due_on, new.due_on) == (dt.date(2027, 1, 11), dt.date(2027, 1, 6))


def test_the_working_of_a_date_that_stays_is_built_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    before, built = stored("us.ij.reopen", FINAL), list[object]()
    whole = engine.answer_question

    def build(book: rulebook.Rulebook, question: str, inputs: Inputs) -> rules.Computation:
        built.append(question)
        return whole(book, question, inputs)

    monkeypatch.setattr(engine, "answer_question", build)
    found = rules.compare(before, book=changed("us.bia.appeal", citation="8 CFR 1003.38"))
    assert not found.changed
    assert found.dates is not None
    assert found.dates.as_text() == found.was
    assert not built
    assert found.would_be is not None
    assert [sentence.code for sentence in found.why] == ["difference.version"]
    assert len(built) == 1
