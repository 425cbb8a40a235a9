"""The catalogue of events: whole, in three languages, checked against the rules, and never a later date than fits."""

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest

from caseapp import rules
from caseapp.rules.packs import catalogue
from caseapp.rules.packs.rulebook import standard
from caseapp.rules.terms.errors import RuleError

EVENTS_CSV = Path(__file__).parent / "vectors" / "events.csv"
# Rows of the shared list that another row of the catalogue contains: one entry starts the rules of both.
CONTAINED = {
    "BIA decision mailed (same document as above)": "board_dismissed",
    "I-94 expiration: warning": "i94_expiry",
}
# A date printed on a document belongs to the event of that document, which asks for it first.
PRINTED_ROWS = {"Date printed on a notice or document", "Date printed on a French document"}
# The second reading of the law (additions.md 7): only the date in the Board's decision, never 60 days from it.
NOT_STARTED = {"BIA decision: voluntary departure reinstated": {"us.vd.post"}}
PLACES = {
    "record a notice": "notice",
    "person page": "person",
    "hearing outcome": "hearing_outcome",
    "hearing booking": "hearing_booking",
    "filing entry": "filing",
    "proceeding": "proceeding",
    "custody entry": "custody",
}


def _shared_rows() -> list[dict[str, str]]:
    with EVENTS_CSV.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _events_in_files() -> dict[str, dict[str, Any]]:
    """Every event of the files by its id, also those that wait for a rule."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in catalogue.EVENTS_FOLDER.glob("*.toml")]
    return {event["id"]: event for file in files for event in file["events"]}


@pytest.mark.parametrize("row", _shared_rows(), ids=lambda row: row["label_en"])
def test_every_row_of_the_shared_list_is_an_event_with_its_labels_place_and_rules(row: dict[str, str]) -> None:
    events = _events_in_files()
    labels = (row["label_en"], row["label_es"], row["label_fr"])
    matching = [e for e in events.values() if (e["label_en"], e["label_es"], e["label_fr"]) == labels]
    event = matching[0] if matching else events[CONTAINED[row["label_en"]]]
    if matching:
        assert (event["event"], event["recorded_on"]) == (row["event"], PLACES[row["recorded_on"]])
    wanted = {part.strip("+").partition("(")[0] for part in row["rules_started"].split()}
    if row["label_en"] not in PRINTED_ROWS:
        wanted -= NOT_STARTED.get(row["label_en"], set())
        assert wanted <= {start["rule"] for start in event.get("starts", ())}


def test_every_rule_of_the_packs_is_started_by_an_event() -> None:
    started = {start.rule for event in rules.catalogue().events.values() for start in event.starts}
    assert [rule.id for rule in rules.list_rules() if rule.id not in started] == []


def test_no_rule_is_awaited_that_a_pack_has() -> None:
    assert sorted(catalogue.AWAITED_RULES & {rule.id for rule in rules.list_rules()}) == []


def test_an_event_that_waits_for_a_rule_is_not_offered_half() -> None:
    offered = rules.catalogue().events
    for event_id, event in _events_in_files().items():
        starts = event.get("starts", ())
        groups = {start["one_of"] for start in starts if "one_of" in start}
        ready = [start for start in starts if start["rule"] not in catalogue.AWAITED_RULES]
        is_whole = groups <= {start.get("one_of") for start in ready} and (bool(ready) or not starts)
        assert (event_id in offered) == is_whole, event_id


def _read(changed: str) -> None:
    catalogue.read_catalogue(changed, "us-federal.toml", standard())


EVENT = """
pack = "us-federal"
[groups.uscis]
en = "USCIS notice"
es = "Aviso de USCIS"
fr = "Avis de l'USCIS"
[questions.dated]
kind = "date"
en = "Date"
es = "Fecha"
fr = "Date"
[questions.form]
kind = "choice"
en = "Which form?"
es = "¿Qué formulario?"
fr = "Quel formulaire ?"
choices = [
  { id = "a", en = "A", es = "A", fr = "A" },
  { id = "b", en = "B", es = "B", fr = "B" },
]
[[events]]
id = "rfe"
event = "notice_date"
label_en = "RFE"
label_es = "RFE"
label_fr = "RFE"
group = "uscis"
recorded_on = "notice"
date = "dated"
ask = ["form"]
starts = [{ rule = "us.uscis.rfe", when = { form = ["a"] } }]
"""


def test_a_catalogue_in_order_is_read() -> None:
    _read(EVENT)


@pytest.mark.parametrize(
    ("was", "is_now", "column", "row"),
    [
        ('rule = "us.uscis.rfe"', 'rule = "us.uscis.rfee"', "starts", "row 1 of events (rfe)"),
        ('label_es = "RFE"\n', "", "label_es", "row 1 of events"),
        ('label_fr = "RFE"', 'label_fr = ""', "label_fr", "row 1 of events"),
        ('group = "uscis"', 'group = "uscys"', "group", "row 1 of events (rfe)"),
        ('event = "notice_date"', 'event = "detention"', "starts", "row 1 of events (rfe)"),
        ('form = ["a"]', 'form = ["c"]', "starts", "row 1 of events (rfe)"),
        ('ask = ["form"]', 'ask = ["from"]', "ask", "row 1 of events (rfe)"),
        ('date = "dated"', 'date = "form"', "date", "row 1 of events (rfe)"),
        ('  { id = "b", en = "B", es = "B", fr = "B" },\n', "", "choices", "question form"),
        ('{ id = "b", en', '{ id = "a", en', "choices", "question form"),
        ('es = "¿Qué formulario?"\n', "", "es", "questions"),
        ('recorded_on = "notice"', 'recorded_on = "attic"', "recorded_on", "row 1 of events"),
    ],
)
def test_a_fault_is_named_with_its_row_and_column(was: str, is_now: str, column: str, row: str) -> None:
    assert was in EVENT
    with pytest.raises(RuleError) as refusal:
        _read(EVENT.replace(was, is_now, 1))
    assert str(refusal.value).startswith("us-federal.toml, ")
    assert row in str(refusal.value)
    assert f"column {column}:" in str(refusal.value)


def test_an_unanswered_question_excludes_no_rule_and_is_named() -> None:
    event = rules.catalogue().events["noid"]
    possible = rules.possible_starts(event, {})
    assert [(item.start.rule, item.unanswered) for item in possible] == [
        ("us.uscis.noid", ("issuer",)),
        ("us.asylum.noid", ("issuer",)),
    ]
    [settled] = rules.possible_starts(event, {"issuer": "uscis"})
    assert (settled.start.rule, settled.unanswered) == ("us.uscis.noid", ())


@pytest.mark.parametrize("event", ["board_remanded", "board_sustained", "board_motion_granted", "relief_granted"])
def test_a_remand_and_a_win_start_no_appeal(event: str) -> None:
    assert rules.catalogue().events[event].starts == ()


@pytest.mark.parametrize("decided", ["sustained", "remanded", "motion_granted", "bond"])
def test_a_decision_of_the_board_that_was_not_lost_starts_nothing(decided: str) -> None:
    event = rules.catalogue().events["board_decision"]
    assert rules.possible_starts(event, {"bia_decided": decided}) == ()


def test_an_office_may_name_only_chains_that_an_event_follows() -> None:
    chains = rules.catalogue().chains
    assert chains <= {follow.event for pack in rules.standard().packs for follow in pack.follows}
    assert {"hearing_individual", "voluntary_departure_at_end", "asylum_filed", "oqtf"} <= chains
    assert "ofpra_refusal_normal" not in chains
