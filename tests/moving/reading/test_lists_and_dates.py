"""Hearings, deadlines, tasks and other lists of a file, and the dates in them."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.lib.partial_dates import PartialDate
from caseapp.moving.reading.cells.dates import (
    CellDateOrder,
    CellTime,
    evidence_of_order,
    read_birth,
    read_date,
    read_moment,
    read_time,
    to_utc,
)
from caseapp.moving.reading.cells.problems import CellProblem
from caseapp.moving.reading.plans.dated import IMPORTED_REASON
from caseapp.moving.reading.settings import Answers
from tests.moving.reading.files import errors_of, planned, plans_of, remarks_of

NEW_YORK = Answers(zone="America/New_York")
EVENT = ["case_number", "title", "event_type", "start_datetime", "court", "judge"]
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2150, 12, 31))


def problem_of(text: str, order: str = "mdy") -> str:
    with pytest.raises(CellProblem) as refused:
        read_moment(text, CellDateOrder(order))
    return refused.value.code


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(DAYS, st.sampled_from(["/", "-", "."]), st.booleans())
def test_a_date_is_read_in_the_declared_order(on: dt.date, sign: str, is_padded: bool) -> None:
    day, month = (f"{on.day:02d}", f"{on.month:02d}") if is_padded else (str(on.day), str(on.month))
    assert read_date(sign.join((month, day, f"{on.year}")), CellDateOrder("mdy")) == on
    assert read_date(sign.join((day, month, f"{on.year}")), CellDateOrder("dmy")) == on
    assert read_date(on.isoformat(), CellDateOrder("")) == on


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(DAYS)
def test_a_date_of_the_other_order_is_never_turned_around(on: dt.date) -> None:
    text = f"{on.day}/{on.month}/{on.year}"
    if on.day > 12:
        assert problem_of(text, "mdy") == "date_other_order"
        assert read_date(text, CellDateOrder("")) == on
    elif on.day != on.month:
        assert problem_of(text, "") == "date_order"
    assert evidence_of_order(text) == ("dmy" if on.day > 12 else "both" if on.day != on.month else "")


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("45448", dt.date(2024, 6, 5)),
        ("45448.0", dt.date(2024, 6, 5)),
        ("Jun 5, 2024", dt.date(2024, 6, 5)),
        ("5 de junio de 2024", dt.date(2024, 6, 5)),
        ("5 juin 2024", dt.date(2024, 6, 5)),
        ("2024-06-05T00:00:00-04:00", dt.date(2024, 6, 5)),
        ("6/5/2024 12:00:00 AM", dt.date(2024, 6, 5)),
    ],
)
def test_dates_are_read_as_spreadsheets_and_people_write_them(text: str, on: dt.date) -> None:
    assert read_date(text, CellDateOrder("mdy")) == on


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("02/30/2024", "no_day"),
        ("06/05/24", "short_year"),
        ("06/05/0024", "short_year"),
        ("today", "date_unknown"),
        ("+30", "date_unknown"),
        ("TBD", "date_unknown"),
        ("1987", "date_unknown"),
        ("6/5/2024 25:00", "time_unknown"),
    ],
)
def test_a_text_that_is_no_date_says_why(text: str, code: str) -> None:
    assert problem_of(text) == code


def test_a_birth_may_be_known_to_the_year_or_the_month() -> None:
    assert read_birth("1987", CellDateOrder("mdy")) == PartialDate(1987)
    assert read_birth("May 1987", CellDateOrder("mdy")) == PartialDate(1987, 5)
    assert read_birth("5/6/1987", CellDateOrder("mdy")) == PartialDate(1987, 5, 6)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("13:30", dt.time(13, 30)),
        ("1:30 PM", dt.time(13, 30)),
        ("1:30 p. m.", dt.time(13, 30)),
        ("12:15 a.m.", dt.time(0, 15)),
        ("9 am", dt.time(9)),
        ("13h30", dt.time(13, 30)),
        ("08:30:00", dt.time(8, 30)),
    ],
)
def test_times_are_read_as_people_write_them(text: str, clock: dt.time) -> None:
    assert read_time(text) == CellTime(clock)


def test_an_hour_that_the_clocks_skip_is_refused_and_an_offset_counts_by_itself() -> None:
    skipped = CellTime(dt.time(2, 30))
    with pytest.raises(CellProblem, match="no_such_hour"):
        to_utc(dt.date(2027, 3, 14), skipped, "America/New_York")
    moment = read_moment("2027-03-15T09:00:00-07:00", CellDateOrder("mdy"))
    assert moment.time is not None
    assert to_utc(moment.on, moment.time, "") == dt.datetime(2027, 3, 15, 16, tzinfo=dt.UTC)


def test_an_event_with_a_court_is_a_hearing_in_the_zone_of_the_court() -> None:
    rows = [
        EVENT,
        ["24-1", "Master", "Court", "03/15/2027 1:30 PM", "Los Angeles", "Judge Lin"],
        ["24-2", "Signing", "Meeting", "03/15/2027 1:30 PM", "", ""],
        ["24-3", "Fingerprints", "USCIS", "03/16/2027 09:00", "", ""],
        ["24-4", "Status", "Court", "03/16/2027 09:00", "Atlantis", ""],
    ]
    master, signing, biometrics, unknown = plans_of("legalserver-events", rows, NEW_YORK)
    (hearing,) = master.hearings
    assert (hearing.kind, hearing.court, hearing.judge, hearing.zone) == (
        "master",
        "Los Angeles",
        "Judge Lin",
        "America/New_York",
    )
    assert hearing.starts_at == dt.datetime(2027, 3, 15, 17, 30, tzinfo=dt.UTC)
    assert [plan.hearings[0].kind for plan in (signing, biometrics, unknown)] == ["appointment", "biometrics", "other"]
    assert unknown.case_keys == {"legalserver": "24-4"}


def test_a_court_of_the_directory_gives_the_zone_of_the_hearing_and_the_file_the_zone_of_its_times() -> None:
    rows = [EVENT, ["24-1", "Master", "Court", "03/15/2027 1:30 PM", "Adelanto Immigration Court", ""]]
    (hearing,) = plans_of("legalserver-events", rows, NEW_YORK)[0].hearings
    assert (hearing.zone, hearing.starts_at.hour) == ("America/Los_Angeles", 17)


def test_times_without_a_zone_are_asked_about_once_and_rejected_until_then() -> None:
    rows = [EVENT, ["24-1", "Master", "Court", "03/15/2027 1:30 PM", "", ""]]
    survey, (plan,) = planned("legalserver-events", rows)
    assert [question.code for question in survey.questions] == ["zone"]
    assert errors_of(plan) == ["zone"]


def test_a_hearing_without_a_time_is_kept_as_a_deadline_that_reminds() -> None:
    rows = [["Expediente", "Nombre", "Fecha de corte", "EAD Expires"], ["1", "Ana", "2027-03-15", "2027-04-01"]]
    (plan,) = plans_of("spreadsheet", rows)
    assert plan.hearings == ()
    assert [(line.what, line.due_on, line.working, line.reason) for line in plan.deadlines] == [
        ("EAD Expires", dt.date(2027, 4, 1), None, IMPORTED_REASON),
        ("Fecha de corte", dt.date(2027, 3, 15), None, IMPORTED_REASON),
    ]
    assert "hearing_without_time" in remarks_of(plan)


def test_a_hearing_in_a_list_of_cases_takes_its_time_and_judge_from_their_columns() -> None:
    headings = ["Expediente", "Nombre", "Hearing Date", "Hearing Time", "Hearing Type", "Judge", "Stage"]
    rows = [headings, ["1", "Ana", "2027-03-15", "0.5625", "Merits", "Judge Lin", "Individual"]]
    (plan,) = plans_of("spreadsheet", rows, NEW_YORK)
    (hearing,) = plan.hearings
    assert (hearing.kind, hearing.judge) == ("individual", "Judge Lin")
    assert hearing.starts_at == dt.datetime(2027, 3, 15, 17, 30, tzinfo=dt.UTC)
    assert plan.case is not None
    assert plan.case.stage == "individual"


def test_tasks_and_deadlines_of_one_table_are_told_apart_by_its_flag() -> None:
    headings = [
        "case_number",
        "title",
        "due_date",
        "deadline",
        "statute_of_limitations",
        "completed",
        "completed_date",
        "is_this_a_case_alert",
        "private",
    ]
    rows = [
        headings,
        ["24-1", "Call client", "03/15/2027", "f", "f", "f", "", "f", ""],
        ["24-1", "File I-589", "03/16/2027", "t", "f", "f", "", "f", ""],
        ["24-1", "One year", "03/17/2027", "t", "t", "t", "03/10/2027", "f", ""],
        ["24-1", "Send copies", "", "f", "f", "t", "", "f", ""],
        ["24-1", "Do not leave voicemail", "", "f", "f", "f", "", "t", ""],
        ["", "Lost", "03/15/2027", "f", "f", "f", "", "f", ""],
    ]
    task, deadline, limitation, finished, alert, lost = plans_of("legalserver-tasks", rows)
    assert [(line.text, line.due_on, line.done_on) for line in task.tasks] == [
        ("Call client", dt.date(2027, 3, 15), None)
    ]
    assert [(line.what, line.severity, line.state) for line in deadline.deadlines] == [
        ("File I-589", "serious", "open")
    ]
    (closed,) = limitation.deadlines
    assert (closed.severity, closed.state, closed.closed_on) == ("fatal", "done", dt.date(2027, 3, 10))
    assert [note.text for note in finished.notes] == ["Send copies"]
    assert (alert.safety_note, alert.tasks) == ("Do not leave voicemail", ())
    assert errors_of(lost) == ["no_case"]


def test_the_receipt_of_a_service_goes_to_its_case() -> None:
    rows = [
        ["case_number", "id", "title", "uscis_receipt_number", "decision"],
        ["24-1", "s1", "I-589", "ZNY0000000014", "Pending"],
    ]
    (plan,) = plans_of("legalserver-services", rows)
    assert plan.receipts == ("ZNY0000000014",)
    assert [note.text for note in plan.notes] == ["I-589\n\ndecision: Pending"]


def test_time_entries_are_notes_and_expenses_are_left_out() -> None:
    headings = ["matter", "date", "activity_description", "note", "quantity", "type", "activity_user"]
    rows = [
        headings,
        ["00012-Ruiz", "2026-03-05", "Research", "country conditions", "1.5", "TimeEntry", "Ana Ruiz"],
        ["00012-Ruiz", "2026-03-05", "Filing fee", "", "100", "ExpenseEntry", "Ana Ruiz"],
    ]
    entry, expense = plans_of("clio-activities", rows)
    assert [note.text for note in entry.notes] == ["Research\n\ncountry conditions\n\nquantity: 1.5"]
    assert (expense.status, remarks_of(expense)) == ("left_out", ["expense"])


def test_related_people_and_adverse_parties_have_their_roles() -> None:
    headings = ["case_number", "id", "first", "last", "relationship_type", "date_of_birth"]
    rows = [
        headings,
        ["24-1", "p1", "Luis", "Ruiz", "Husband", "05/06/1990"],
        ["24-1", "p2", "Eva", "Lin", "Neighbor", ""],
    ]
    husband, neighbor = (plan.other_parties[0] for plan in plans_of("legalserver-non-adverse-parties", rows))
    assert (husband.role, husband.relation, husband.born_on) == ("spouse", "Husband", dt.date(1990, 5, 6))
    assert (neighbor.role, neighbor.relation) == ("other", "Neighbor")
    adverse = [["case_number", "id", "organization_name", "Height"], ["24-1", "a1", "Casa Fría, LLC", "180"]]
    (plan,) = plans_of("legalserver-adverse-parties", adverse)
    assert (plan.other_parties[0].role, plan.other_parties[0].name.full) == ("opposing", "Casa Fría, LLC")
    assert plan.other_parties[0].other_facts == ()


def test_proceedings_charges_and_documents_are_read() -> None:
    court = [
        ["case_number", "court_text", "docket", "caption"],
        ["24-1", "New York Immigration Court", "000-111-222", "In re R"],
    ]
    (plan,) = plans_of("legalserver-litigations", court)
    assert [(line.forum, line.docket) for line in plan.proceedings] == [("immigration_court", "000-111-222")]
    assert [note.text for note in plan.notes] == ["caption: In re R"]
    charge = [["case_number", "charge_date", "lookup_charge", "penalty_class"], ["24-1", "05/06/2019", "Trespass", "B"]]
    (history,) = plans_of("legalserver-charges", charge)[0].histories
    assert (history.what, history.from_period, history.text, history.facts) == (
        "arrest",
        "2019-05-06",
        "Trespass",
        {"penalty_class": "B"},
    )
    document = [["case_number", "document_id", "document_filename"], ["24-1", "d1", "NTA.pdf"]]
    (reference,) = plans_of("legalserver-documents", document)[0].documents
    assert (reference.name, reference.id) == ("NTA.pdf", "d1")


def test_a_note_longer_than_a_note_may_be_becomes_several() -> None:
    rows = [["case_number", "Body"], ["24-1", "x" * 120_000]]
    (plan,) = plans_of("legalserver-notes", rows)
    assert [len(note.text) for note in plan.notes] == [50_000, 50_000, 20_000]


@pytest.mark.parametrize("preset", ["legalserver-contacts", "docketwise-form-invitations", "mycase-companies"])
def test_a_list_without_a_place_in_caseapp_is_left_out_with_its_reason(preset: str) -> None:
    (plan,) = plans_of(preset, [["first", "last"], ["Ana", "Ruiz"]])
    assert (plan.status, remarks_of(plan)) == ("left_out", ["not_imported"])
