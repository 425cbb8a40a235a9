"""Packs: whole, checked on load, with versions by date and the events that start the next clocks."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from caseapp import rules
from caseapp.rules.packs import load_packs, rulebook
from caseapp.rules.terms import pack
from tests.rules.asking import run

LAW = rulebook.standard()
SMALL = """
id = "office"
name = "An office's own rules"
version = "2026.11.24"
calendar = "US"
zone = "America/New_York"
last_checked = 2026-11-24
effective_from = 2020-01-01
notice = "Example, not law."
reminders = { fatal = [1], serious = [1], routine = [1] }
[events]
order = "Date of the order"
[[rules]]
id = "own.example"
what = "An example that became shorter"
on = ["order"]
count = "+30d"
citation = "example"
severity = "routine"
state = "settled"
chk = "k"
effective_until = 2026-05-31
[[rules]]
id = "own.example"
version = 2
what = "An example that became shorter"
on = ["order"]
count = "+10d"
citation = "example"
severity = "routine"
state = "settled"
chk = "k"
effective_from = 2026-06-01
"""


def test_every_rule_of_both_fact_tables_is_in_the_packs() -> None:
    assert len([rule for rule in LAW.newest_rules() if rule.id.startswith("us.")]) == 112
    assert len([rule for rule in LAW.newest_rules() if rule.id.startswith("fr.")]) == 58


def test_every_rule_has_a_citation_a_mark_and_the_day_it_was_checked() -> None:
    for rule in LAW.newest_rules():
        assert rule.citation
        assert re.match(r"[rk]", rule.chk)
        first_reading, second_reading = dt.date(2026, 11, 24), dt.date(2026, 11, 29)
        assert LAW.last_checked(rule) in {first_reading, second_reading}
        assert rule.version == 1 or LAW.last_checked(rule) == second_reading, "a changed rule was checked again"


def test_the_version_in_force_on_the_trigger_day_counts() -> None:
    law = rulebook.Rulebook([load_packs.read_pack(SMALL)])
    before = rules.compute("own.example", {"order": dt.date(2026, 5, 31)}, book=law)
    after = rules.compute("own.example", {"order": dt.date(2026, 6, 1)}, book=law)
    assert (before.due_on, before.version) == (dt.date(2026, 6, 30), "office 2026.11.24 v1")
    assert (after.due_on, after.version) == (dt.date(2026, 6, 11), "office 2026.11.24 v2")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('count = "+30d"', 'count = "thirty"', "Expected `str` matching regex"),
        ('count = "+30d"', "", "it needs count or opens"),
        ('count = "+30d"', 'count = "+30h -1d"', "hours stand alone"),
        ('on = ["order"]', 'on = ["ordre"]', "the event ordre is not in [events]"),
        ("version = 2", "version = 1", "version 1 stands there twice"),
        ('severity = "routine"', 'severity = "mild"', "Invalid enum value"),
        ('chk = "k"', 'chk = "k"\ncolour = "red"', "unknown field"),
        ("effective_until = 2026-05-31", "effective_until = 2026-05-32", "not TOML"),
        ("fatal = [1], ", "", "reminders for fatal are missing"),
        (
            "effective_from = 2020-01-01\n",
            "",
            "line 1: not a rule pack: Object missing required field `effective_from`",
        ),
        ("last_checked = 2026-11-24\n", "", "line 1: not a rule pack: Object missing required field `last_checked`"),
        ('citation = "example"\n', "", "own.example: not a rule pack: Object missing required field `citation`"),
        ('state = "settled"\n', "", "own.example: not a rule pack: Object missing required field `state`"),
    ],
)
def test_a_pack_that_makes_no_sense_is_refused_with_the_reason(old: str, new: str, said: str) -> None:
    with pytest.raises(rules.RuleError) as refusal:
        load_packs.read_pack(SMALL.replace(old, new, 1))
    assert said in str(refusal.value)


def test_the_json_schema_on_disk_is_that_of_the_shapes() -> None:
    stored = json.loads((Path(rulebook.__file__).parent / "pack.schema.json").read_text(encoding="utf-8"))
    assert stored == json.loads(run("check-pack", "--schema")[1])


@pytest.mark.parametrize(
    ("event", "started"),
    [
        ("last_arrival", ("us.asylum.one_year",)),
        ("hearing_individual", ("us.eoir.individual.filings",)),
        ("oral_decision_denied", ("us.bia.appeal", "us.ij.reconsider", "us.ij.reopen")),
        (
            "in_absentia_order",
            (
                "us.ij.reopen.absentia.exceptional",
                "us.ij.reopen.absentia.notice",
                "us.ij.reopen",
                "us.ij.reconsider",
            ),
        ),
        (
            "board_decision",
            ("us.ca.pfr", "us.ca.stay", "us.bia.reconsider", "us.bia.reopen", "us.ij.reopen.vawa"),
        ),
        ("board_reopening_denied", ("us.ca.pfr", "us.ca.stay", "us.bia.reconsider")),
        ("board_reconsideration_denied", ("us.ca.pfr", "us.ca.stay")),
        ("board_withholding_ended", ("us.ca.pfr.protective",)),
        ("board_remand", ()),
        ("board_sustained", ()),
        ("board_reopened", ()),
        ("board_bond_decision", ()),
        (
            "board_voluntary_departure",
            ("us.vd.board", "us.ca.pfr", "us.ca.stay", "us.bia.reconsider", "us.bia.reopen", "us.ij.reopen.vawa"),
        ),
        ("asylum_filed", ("us.asylum.ead.file", "us.asylum.ead.eligible", "us.asylum.annual_fee.expected")),
        ("address_change", ("us.eoir.address.court", "us.eoir.address.board", "us.uscis.ar11")),
        ("ofpra_refusal", ("fr.cnda.aj", "fr.cnda.recours")),
        ("nothing_of_the_kind", ()),
    ],
)
def test_an_event_starts_the_clocks_that_follow_from_it(event: str, started: tuple[str, ...]) -> None:
    assert rules.rules_started_by(event) == started


def test_every_start_names_an_event_that_its_rule_counts_from() -> None:
    for found in LAW.packs:
        for follow in found.follows:
            for start in follow.starts:
                assert (
                    start.on in pack.events_of(rules.get_rule(start.rule)) or start.on in rules.get_rule(start.rule).on
                )
