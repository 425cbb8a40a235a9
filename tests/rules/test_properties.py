"""What holds for every rule and every date (Hypothesis)."""

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp import rules
from caseapp.rules.engine.positions import sort_key
from caseapp.rules.explain.rendering import describe_count
from caseapp.rules.explain.serialise import question_from_batch
from caseapp.rules.packs import rulebook
from caseapp.rules.terms import pack
from caseapp.rules.terms.result import Computation
from tests.rules.office import PACK
from tests.rules.walker import Walk

LAW = rulebook.standard()
DATES = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
STOPS = st.lists(st.tuples(DATES, DATES).map(lambda pair: tuple(sorted(pair))), max_size=4)
CAREFUL = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def questions() -> list[str]:
    """Every rule, and every position and variant of it."""
    found = []
    for rule in LAW.newest_rules():
        found.append(rule.id)
        found += [f"{rule.id}@{r.id}" for r in LAW.readings_of(rule) if r.role in ("position", "variant")]
    return found


QUESTIONS = questions()
# A change of the clock makes hours ambiguous on the wall; days and hours alike are compared where there is none.
STEADY = "UTC"


def events_of(question: str) -> list[str]:
    rule = LAW.versions_of(question.partition("@")[0])[-1]
    return sorted(pack.events_of(rule) | {name for r in LAW.readings_of(rule) for name in r.on or ()})


def ask(question: str, events: dict[str, dt.date], **options: object) -> Computation | None:
    """None where these dates have no answer (a position not in force, a petition approved before it was filed)."""
    try:
        return rules.compute(question, events, rules.Options(**options))  # type: ignore[arg-type]  # options come from Hypothesis
    except rules.RuleError as refusal:
        one_clear_line(refusal)
        return None


def one_clear_line(refusal: rules.RuleError) -> None:
    assert str(refusal)
    assert "\n" not in str(refusal)


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data(), st.booleans(), st.booleans(), st.lists(DATES, max_size=3))
def test_act_by_is_never_after_due_on(
    question: str, data: st.DataObject, by_mail: bool, electronic: bool, closures: list[dt.date]
) -> None:
    events = {name: data.draw(DATES) for name in events_of(question)}
    if data.draw(st.booleans()):
        events["printed_date"] = data.draw(DATES)
    found = ask(question, events, by_mail=by_mail, electronic=electronic, closures=closures)
    if found is not None and found.due_on is not None:
        assert found.act_by is not None
        assert sort_key(found.act_by) <= sort_key(found.due_on)


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data(), st.lists(DATES, max_size=3), st.integers(0, 40))
def test_closures_mail_and_paper_never_move_act_by_later(
    question: str, data: st.DataObject, closures: list[dt.date], near: int
) -> None:
    events = {name: data.draw(DATES) for name in events_of(question)}
    usual = ask(question, events)
    if usual is None or usual.act_by is None:
        return
    closures = [*closures, min(events.values()) + dt.timedelta(days=near)]
    for options in ({"closures": closures}, {"by_mail": True}, {"electronic": False}):
        careful = ask(question, events, **options)
        assert careful is not None
        assert careful.act_by is not None
        assert sort_key(careful.act_by) <= sort_key(usual.act_by)


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data(), DATES, st.integers(1, 400), STOPS)
def test_a_later_trigger_never_gives_an_earlier_date_within_a_version(
    question: str, data: st.DataObject, start: dt.date, days: int, stops: list[tuple[dt.date, dt.date]]
) -> None:
    rule = LAW.versions_of(question.partition("@")[0])[-1]
    positions = [r for r in LAW.readings_of(rule) if r.role == "position"]
    if positions and "@" not in question:
        question += f"@{positions[0].id}"
    moved = data.draw(st.sampled_from(events_of(question)))
    others = {name: data.draw(DATES) for name in events_of(question) if name != moved}
    if moved == "petition_filed":
        return  # the longer a petition is pending the later the day: its filing counts the other way
    options = {"zone": STEADY, "clock_stops": stops if rule.stops else ()}
    first = ask(question, {**others, moved: start}, **options)
    second = ask(question, {**others, moved: start + dt.timedelta(days=days)}, **options)
    if first is None or second is None:
        return
    for name in ("due_on", "opens_on"):
        before, after = getattr(first, name), getattr(second, name)
        if before is not None and after is not None:
            assert sort_key(before) <= sort_key(after)


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data(), st.booleans(), st.booleans(), st.lists(DATES, max_size=2), STOPS)
def test_a_working_computed_again_from_its_json_gives_the_same(
    question: str,
    data: st.DataObject,
    by_mail: bool,
    electronic: bool,
    closures: list[dt.date],
    stops: list[tuple[dt.date, dt.date]],
) -> None:
    rule = LAW.versions_of(question.partition("@")[0])[-1]
    events = {name: data.draw(DATES) for name in events_of(question)}
    found = ask(
        question,
        events,
        by_mail=by_mail,
        electronic=electronic,
        closures=closures,
        clock_stops=stops if rule.stops else (),
    )
    if found is not None:
        stored = json.loads(json.dumps(rules.computation_as_json(found)))
        assert rules.replay(stored).dates_as_text() == found.dates_as_text()


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data(), st.booleans(), st.booleans(), st.lists(DATES, max_size=2), STOPS)
def test_a_working_gone_through_by_hand_ends_on_its_dates(
    question: str,
    data: st.DataObject,
    by_mail: bool,
    electronic: bool,
    closures: list[dt.date],
    stops: list[tuple[dt.date, dt.date]],
) -> None:
    rule = LAW.versions_of(question.partition("@")[0])[-1]
    events = {name: data.draw(DATES) for name in events_of(question)}
    if data.draw(st.booleans()):
        events["printed_date"] = data.draw(DATES)
    near = [*closures, min(events.values()) + dt.timedelta(days=data.draw(st.integers(0, 40)))]
    found = ask(
        question,
        events,
        by_mail=by_mail,
        electronic=electronic,
        closures=near,
        clock_stops=stops if rule.stops else (),
    )
    if found is None:
        return
    walk = Walk(json.loads(json.dumps(rules.computation_as_json(found))))
    assert (walk.due, walk.opens) == (found.due_on, found.opens_on)
    if found.act_by is not None:
        # Whatever made the safe day earlier stands in the working with that very day.
        assert found.act_by in walk.safe or found.act_by == found.due_on


OFFICE = rules.read_office_pack(PACK)
WITH_OFFICE = LAW.with_office(OFFICE)


@CAREFUL
@given(
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
    st.sampled_from(["", "Smith", "Jones"]),
    st.sampled_from(["", "CA"]),
    st.sampled_from([None, "order_smith_45", "order_jones_15", "rule"]),
    st.booleans(),
)
def test_an_offices_pack_never_moves_act_by_later_and_its_workings_hold(
    hearing: dt.date, judge: str, region: str, position: str | None, electronic: bool
) -> None:
    question, events = "us.eoir.individual.filings", {"hearing": hearing}
    plain = rules.compute(question, events, rules.Options(electronic=electronic))
    found = rules.compute(
        question,
        events,
        rules.Options(court="Court North", judge=judge, region=region, position=position, electronic=electronic),
        book=WITH_OFFICE,
    )
    assert plain.act_by is not None
    assert found.act_by is not None
    assert found.due_on is not None
    assert sort_key(found.act_by) <= sort_key(plain.act_by)
    assert sort_key(found.act_by) <= sort_key(found.due_on)
    stored = json.loads(json.dumps(rules.computation_as_json(found)))
    assert Walk(stored).due == found.due_on
    assert rules.replay(stored).dates_as_text() == found.dates_as_text()
    assert rules.computation_as_json(rules.recompute(stored, book=WITH_OFFICE)) == rules.computation_as_json(found)
    assert not rules.compare(stored, book=WITH_OFFICE).changed


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data(), st.lists(DATES, max_size=3), st.integers(0, 40))
def test_a_working_keeps_every_closure_that_it_needs(
    question: str, data: st.DataObject, closures: list[dt.date], near: int
) -> None:
    events = {name: data.draw(DATES) for name in events_of(question)}
    days = [*closures, *(min(events.values()) + dt.timedelta(days=near + more) for more in range(3))]
    found = ask(question, events, closures=days)
    if found is not None:
        stored = json.loads(json.dumps(rules.computation_as_json(found)))
        assert rules.computation_as_json(rules.replay(stored)) == rules.computation_as_json(found)


@CAREFUL
@given(DATES, st.lists(st.tuples(DATES, DATES | st.none(), st.sampled_from([*rules.CLOCK_STOPS, "x"])), max_size=5))
def test_the_asylum_clock_never_runs_faster_than_the_calendar(
    filed: dt.date, stops: list[tuple[dt.date, dt.date | None, str]]
) -> None:
    stops = [(first, max(first, last) if last else None, why) for first, last, why in stops]
    today = filed + dt.timedelta(days=300)
    found = rules.asylum_clock(filed, stops, today)
    next_day = rules.asylum_clock(filed, stops, today + dt.timedelta(days=1))
    assert 0 <= found.days_counted <= 300
    assert next_day.days_counted - found.days_counted == int(next_day.running and next_day.days_counted > 0)
    for number, day in ((150, found.day_150), (180, found.day_180)):
        if day is not None:
            assert rules.asylum_clock(filed, stops, day).days_counted == number
            assert (day - filed).days >= number


@CAREFUL
@given(st.text(max_size=200) | st.binary(max_size=50).map(lambda raw: raw.decode("latin-1")), st.integers(0, 2000))
def test_no_pack_file_crashes_the_reader(text: str, place: int) -> None:
    for file in (text, PACK[:place] + text + PACK[place:]):
        try:
            rules.read_office_pack(file)
        except rules.RuleError as refusal:
            one_clear_line(refusal)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | DATES.map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "by_mail",
        "position",
        "clock_stops",
        "years",
        "electronic",
        "closures",
        "zone",
        "printed_date",
        *rules.event_meanings(),
    ]
)


@CAREFUL
@given(st.sampled_from(QUESTIONS) | st.text(max_size=30), st.dictionaries(NAMES | st.text(max_size=10), JSON) | JSON)
def test_no_input_crashes(question: str, inputs: object) -> None:
    try:
        rules.compute(question, *question_from_batch(inputs))
    except rules.RuleError as refusal:
        one_clear_line(refusal)


@CAREFUL
@given(
    st.sampled_from(QUESTIONS),
    st.dates(dt.date(2025, 1, 1), dt.date(2099, 12, 31)),
    st.booleans(),
    st.booleans(),
    st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2026, 6, 30)), max_size=20),
)
def test_the_same_dates_or_the_same_refusal_come_without_a_working(
    question: str, on: dt.date, by_mail: bool, electronic: bool, closures: list[dt.date]
) -> None:
    options = rules.Options(by_mail=by_mail, electronic=electronic, closures=closures)
    events = dict.fromkeys(events_of(question), on)
    try:
        whole: object = rules.compute(question, events, options).dates_as_text()
    except rules.RuleError as refusal:
        whole = str(refusal)
    try:
        dates: object = rules.compute_dates(question, events, options).as_text()
    except rules.RuleError as refusal:
        dates = str(refusal)
    assert dates == whole


@CAREFUL
@given(st.sampled_from(QUESTIONS), st.data())
def test_dates_at_the_ends_of_the_calendar_are_refused_not_crashed(question: str, data: st.DataObject) -> None:
    edge = st.sampled_from([dt.date.min, dt.date.max, dt.date(1900, 1, 1), dt.date(2099, 12, 31), dt.date(2099, 2, 28)])
    ask(question, {name: data.draw(edge) for name in events_of(question)}, electronic=False)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_rule_and_reading_answers_with_a_whole_working(question: str) -> None:
    rule = LAW.versions_of(question.partition("@")[0])[-1]
    asked = next((item for item in LAW.readings_of(rule) if item.id == question.partition("@")[2]), rule)
    on = min(dt.date(2026, 11, 24), asked.effective_until or dt.date.max)
    if rule.effective_from and on < rule.effective_from:
        return  # a reading that ended before this version: asking for it is refused, see test_second_reading.py
    days = {name: on for name in events_of(question) if name not in rule.ended_by}
    if LAW.versions_of(question.partition("@")[0])[-1].state == "manual":
        days["printed_date"] = dt.date(2026, 12, 1)
    found = rules.compute(question, {**days, "printed_date": dt.date(2026, 12, 1)})
    names = [step.name for step in found.steps]
    assert names[0] == "Starts"
    assert "Rule" in names
    assert names[-1] == "Result"
    assert found.citation
    assert found.reminder_days


def test_a_count_in_words_is_never_empty() -> None:
    for rule in LAW.newest_rules():
        for count in (rule.count, rule.opens, *(reading.count for reading in LAW.readings_of(rule))):
            assert count is None or describe_count(count)
