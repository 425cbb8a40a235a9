"""An office adds rules, closures and standing orders; it replaces nothing of ours, and no date moves later."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from caseapp import rules
from caseapp.rules.terms.words import to_iso
from tests.rules.asking import english, run
from tests.rules.office import PACK

OFFICE = rules.read_office_pack(PACK)
BOOK = rules.standard().with_office(OFFICE)
# Individual hearing on Tue 15 Dec 2026: 30 days before is Sun 15 Nov, which the manual reads as Mon 16, safe Fri 13.
# 45 days before is Sat 31 Oct: Mon 2 Nov by the manual, safe Fri 30 Oct. 15 days before is Mon 30 Nov.
HEARING = {"hearing": dt.date(2026, 12, 15)}
FILINGS = "us.eoir.individual.filings"


def dates(found: rules.Computation) -> tuple[str | None, str | None]:
    return to_iso(found.due_on), to_iso(found.act_by)


def test_an_office_rule_counts_like_one_of_ours() -> None:
    # Fri 27 Nov + 10 days is Mon 7 Dec, an open day elsewhere.
    found = rules.compute("office.foia.file", {"retainer_signed": dt.date(2026, 11, 27)}, book=BOOK)
    assert (found.due_on, found.version) == (dt.date(2026, 12, 7), "office 2026.11.24 v1")


def test_an_office_rule_governs_from_its_first_day_only() -> None:
    with pytest.raises(rules.RuleError, match=r"no version of office\.foia\.file was in force"):
        rules.compute("office.foia.file", {"retainer_signed": dt.date(2025, 12, 31)}, book=BOOK)


def test_our_rules_stay_as_they_are_without_a_court() -> None:
    ours = rules.compute(FILINGS, HEARING)
    assert dates(rules.compute(FILINGS, HEARING, book=BOOK)) == dates(ours) == ("2026-11-16", "2026-11-13")


def test_a_longer_lead_time_of_a_judge_is_the_earliest_position_and_so_the_date() -> None:
    found = rules.compute(FILINGS, HEARING, rules.Options(court="Court North", judge="Smith"), book=BOOK)
    assert dates(found) == ("2026-11-02", "2026-10-30")
    assert found.position == "order_smith_45"
    assert [(other.position, to_iso(other.due_on)) for other in found.others] == [("rule", "2026-11-16")]


def test_a_shorter_lead_time_is_only_shown_until_an_attorney_selects_it_and_act_by_never_moves() -> None:
    asked = rules.Options(court="Court North", judge="Jones")
    found = rules.compute(FILINGS, HEARING, asked, book=BOOK)
    assert dates(found) == ("2026-11-16", "2026-11-13")
    assert [(other.position, to_iso(other.due_on)) for other in found.others] == [("order_jones_15", "2026-11-30")]
    selected = rules.compute(FILINGS, HEARING, replace(asked, position="order_jones_15"), book=BOOK)
    assert dates(selected) == ("2026-11-30", "2026-11-13")


def test_the_working_names_the_judge_the_order_and_where_it_was_read() -> None:
    found = rules.compute(FILINGS, HEARING, rules.Options(court="Court North", judge="Smith"), book=BOOK)
    told = [step for step in found.steps if step.name == "Position" and "smith_45" in rules.render_english(step)]
    assert len(told) == 1
    assert "standing order, Judge Smith, Court North: everything 45 days before the hearing" in rules.render_english(
        told[0]
    )
    assert told[0].citation == "standing order of 2 March 2026"


def test_a_judge_is_found_whatever_the_capitals_and_spaces() -> None:
    found = rules.compute(FILINGS, HEARING, rules.Options(court=" court  NORTH ", judge="SMITH"), book=BOOK)
    assert found.position == "order_smith_45"


def test_an_order_does_not_govern_a_hearing_before_its_first_day() -> None:
    march = {"hearing": dt.date(2026, 3, 31)}
    found = rules.compute(FILINGS, march, rules.Options(court="Court North", judge="Smith"), book=BOOK)
    assert found.position is None
    assert found.others == ()


def test_a_selected_order_of_another_judge_is_left_with_a_warning() -> None:
    found = rules.compute(
        FILINGS, HEARING, rules.Options(court="Court North", judge="Smith", position="order_jones_15"), book=BOOK
    )
    assert dates(found) == ("2026-11-02", "2026-10-30")
    assert any(
        "order_jones_15 does not apply to this court and judge" in warning for warning in english(found.warnings)
    )


def test_a_closure_of_the_court_moves_due_on_and_never_act_by() -> None:
    # 90 days from Tue 8 Sep 2026: Mon 7 Dec, closed by the flood with Tue 8, so Wed 9.
    order = {"order_final": dt.date(2026, 9, 8)}
    found = rules.compute("us.ij.reopen", order, rules.Options(court="Court North"), book=BOOK)
    assert dates(found) == ("2026-12-09", "2026-12-07")
    assert any("flooded building (court notice of 6 Dec 2026)" in rules.render_english(step) for step in found.steps)
    elsewhere = rules.compute("us.ij.reopen", order, rules.Options(court="Court South"), book=BOOK)
    assert dates(elsewhere) == ("2026-12-07", "2026-12-07")


def test_a_holiday_of_a_state_counts_only_there() -> None:
    # 30 days from Mon 1 Mar 2027: Wed 31 Mar, Cesar Chavez Day in California.
    order = {"order_final": dt.date(2027, 3, 1)}
    assert dates(rules.compute("us.ca.pfr", order, rules.Options(region="CA"), book=BOOK)) == (
        "2027-04-01",
        "2027-03-31",
    )
    assert dates(rules.compute("us.ca.pfr", order, rules.Options(region="NY"), book=BOOK)) == (
        "2027-03-31",
        "2027-03-31",
    )


def test_a_stored_working_keeps_the_order_and_the_closure_it_used_and_no_others() -> None:
    found = rules.compute(FILINGS, HEARING, rules.Options(court="Court North", judge="Smith"), book=BOOK)
    stored = rules.computation_as_json(found)
    assert [order["id"] for order in stored["inputs"]["orders"]] == ["smith_45"]
    assert stored["inputs"]["closures"] == [
        {"on": "2026-12-07", "source": "flooded building (court notice of 6 Dec 2026)", "id": "flood"},
        {"on": "2026-12-08", "source": "flooded building (court notice of 6 Dec 2026)", "id": "flood"},
    ]
    assert rules.replay(stored).dates_as_text() == {"due_on": "2026-11-02", "act_by": "2026-10-30"}
    far = rules.compute(FILINGS, {"hearing": dt.date(2027, 12, 15)}, rules.Options(court="Court North"), book=BOOK)
    assert rules.computation_as_json(far)["inputs"]["closures"] == []


def test_our_event_starts_our_rule_and_the_offices() -> None:
    started = [start.rule for start in rules.rule_starts_for("last_arrival", book=BOOK)]
    assert started == ["us.asylum.one_year", "office.foia.file"]


def test_nothing_is_confirmed_until_an_attorney_says_so_and_a_changed_text_is_open_again() -> None:
    asked = rules.Options(court="Court North", judge="Smith")
    found = rules.compute(FILINGS, HEARING, asked, book=BOOK)
    assert not found.is_confirmed
    assert found.to_check == (f"rule:{FILINGS}", "order:smith_45", "closure:flood")
    lines = {line.what: line for line in BOOK.list_confirmables()}
    said = [
        rules.Confirmation(what=what, digest=lines[what].digest, by="ana", on=dt.date(2026, 11, 24))
        for what in found.to_check
    ]
    sure = rules.standard().with_office(OFFICE, said)
    again = rules.compute(FILINGS, HEARING, asked, book=sure)
    assert again.is_confirmed
    assert sure.is_confirmed("order:smith_45")
    assert not sure.is_confirmed("order:jones_15")
    longer = rules.read_office_pack(PACK.replace('"-45d"', '"-60d"'))
    assert rules.standard().with_office(longer, said).is_confirmed(f"rule:{FILINGS}")
    assert not rules.standard().with_office(longer, said).is_confirmed("order:smith_45")
    assert rules.find_unconfirmed(rules.computation_as_json(found), book=BOOK) == found.to_check
    assert rules.find_unconfirmed(rules.computation_as_json(found), book=sure) == ()


def test_every_rule_of_ours_can_be_confirmed_and_says_where_it_stands() -> None:
    lines = BOOK.list_confirmables()
    assert len(lines) == 170 + 1 + 2 + 2
    assert len({line.what for line in lines}) == len(lines)
    assert [line.what for line in lines if line.own] == [
        "rule:office.foia.file", "order:smith_45", "order:jones_15", "closure:flood", "closure:cesar_chavez",
    ]  # fmt: skip
    assert all(line.citation and line.state and line.confirmed is None for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'id = "office.foia.file"',
            'id = "us.ca.pfr"',
            "line 7, us.ca.pfr: an office's own rule has an id that begins",
        ),
        ("effective_from = 2026-01-01\n", "", "line 7, office.foia.file: effective_from is missing"),
        ("last_checked = 2026-11-20\n", "", "line 7, office.foia.file: last_checked is missing"),
        ('citation = "our intake manual, page 4"\n', "", "line 7, office.foia.file: not a rule pack: Object missing"),
        ('state = "settled"\n', "", "line 7, office.foia.file: not a rule pack: Object missing"),
        ('count = "+10d"', 'count = "ten"', "line 11, office.foia.file: not a rule pack: Expected `str` matching"),
        ('chk = "r"', 'chk = "sure"', "line 7, office.foia.file: chk says how it was checked"),
        ("to = 2026-12-08", "to = 2026-12-06", "line 23, flood: the closure ends before it begins"),
        ("to = 2026-12-08", "to = 2028-12-08", "line 23, flood: a closure lasts at most 366 days"),
        ('source = "court notice of 6 Dec 2026"\n', "", "line 20, flood: not a rule pack: Object missing"),
        ('id = "cesar_chavez"', 'id = "flood"', "line 29, flood: two closures have the same id"),
        ('id = "jones_15"', 'id = "smith_45"', "line 48, smith_45: two standing orders have the same id"),
        (f'rule = "{FILINGS}"', 'rule = "us.no.such"', "line 40, smith_45: there is no rule us.no.such"),
        (f'rule = "{FILINGS}"', 'rule = "us.eoir.callup"', "line 40, smith_45: us.eoir.callup has no count to change"),
        ('count = "-45d"', 'count = "-45h"', "line 36, smith_45: a standing order counts days"),
        ("retainer_signed = ", "hearing = ", "line 5: hearing is one of our events already"),
        (
            'on = "retainer_signed" }]',
            'on = "hearing" }]',
            "line 58, last_arrival: office.foia.file does not count from",
        ),
        ('version = "2026.11.24"', 'version = "newest"', "line 3: not a rule pack: Expected `str` matching"),
    ],
)
def test_a_pack_with_a_mistake_is_refused_with_line_and_name(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in PACK
    file = tmp_path / "own.toml"
    file.write_text(PACK.replace(old, new, 1))
    code, out, err = run("check-pack", str(file))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith(said)


def test_check_pack_counts_what_stands_in_an_offices_pack(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(PACK)
    code, out, _ = run("check-pack", str(file))
    assert code == 0
    assert out == "office 2026.11.24: 1 rules, 2 closures, 2 standing orders, 1 starting events, in order\n"


def test_the_command_computes_with_an_offices_pack(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(PACK)
    _, out, _ = run(
        *("compute", "--rule", FILINGS, "--on", "hearing=2026-12-15", "--office-pack", str(file)),
        *("--court", "Court North", "--judge", "Smith", "--json"),
    )
    found = msgspec.json.decode(out)
    assert (found["due_on"], found["act_by"], found["confirmed"]) == ("2026-11-02", "2026-10-30", False)


def test_a_pack_written_to_a_file_reads_back_the_same() -> None:
    tricky = msgspec.structs.replace(
        OFFICE.closures[0], why='quotes " and \\ and\nlines, é, \x7f', source="= [[rules]] #"
    )
    pack = msgspec.structs.replace(OFFICE, closures=(tricky, *OFFICE.closures[1:]))
    assert rules.read_office_pack(rules.write_office_pack(pack)) == pack


def test_a_pack_goes_through_messagepack_as_a_sealed_record_does() -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(OFFICE), type=rules.OfficePack) == OFFICE


def test_a_pack_made_by_hand_is_checked_like_a_file() -> None:
    flood = msgspec.structs.replace(OFFICE.closures[0], source="")
    wrong = msgspec.structs.replace(OFFICE, closures=(flood,))
    assert rules.office_problems(OFFICE) == []
    assert rules.office_problems(wrong) == ["flood: Expected `str` of length >= 1 (source)"]
    with pytest.raises(rules.RuleError, match="flood: Expected"):
        rules.standard().with_office(wrong)


def test_an_office_pack_cannot_confirm_itself() -> None:
    with pytest.raises(rules.RuleError, match="unknown field"):
        rules.read_office_pack(PACK + '\n[[confirmations]]\nwhat = "rule:office.foia.file"\n')
