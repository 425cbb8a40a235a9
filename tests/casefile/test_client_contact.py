"""Who is to be told of which hearing on which day: examples worked by hand."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from caseapp.casefile.contact import client_contact
from caseapp.casefile.contact.client_contact import TEXT_DAY, TEXT_WEEK, ContactPlan
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.head import Head
from caseapp.vault.registry import Record
from caseapp.vault.store import Entry, SealedFile

NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"
UTC = dt.UTC
STARTS = dt.datetime(2026, 12, 8, 13, 30, tzinfo=UTC)  # Tuesday 8:30 in New York
NUMBER = "+1 212 555 0100"
MARIA, ROSA, COURT_DATE = UUID(int=1), UUID(int=2), UUID(int=3)


def day(number: int, month: int = 12) -> dt.date:
    return dt.date(2026, month, number)


def noon(on: dt.date) -> dt.datetime:
    """12:00 in New York, in winter."""
    return dt.datetime.combine(on, dt.time(17), UTC)


def case_of(*records: Record, **named: Record) -> SealedFile:
    """An open file with these records; the client, a safe phone and the hearing unless given."""
    group = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key())
    file = SealedFile(uuid4(), uuid4(), group, 1, {1: primitives.new_key()}, Head())
    standing: dict[UUID, Record] = {
        MARIA: named.get("maria", maria()),
        COURT_DATE: named.get("hearing", hearing()),
        uuid4(): named.get("case", Case(ref="7KQ4D", stage="in_court")),
        **{uuid4(): record for record in records},
    }
    file.entries = {record_id: Entry(record_id, 1, record) for record_id, record in standing.items()}
    return file


def maria(**more: object) -> Party:
    contacts = (Contact(way="phone", text=NUMBER, safe="yes"),)
    return replace(Party(role="lead", name=Name(full="Maria Lopez"), contacts=contacts), **more)


def hearing(**more: object) -> Hearing:
    return replace(Hearing(kind="master", starts_at=STARTS, zone=NEW_YORK, court="Court North"), **more)


def consent(**more: object) -> Consent:
    told = Consent(
        what="reminders", party=MARIA, way="text", contact=NUMBER, number="+12125550100", asked_on=day(1, 11),
        asked_how="in_person", entered_at=dt.datetime(2026, 11, 1, 15, tzinfo=UTC),
    )  # fmt: skip
    return replace(told, **more)


def attempt(**more: object) -> ContactAttempt:
    told = ContactAttempt(
        party=MARIA, way="call", result="reached", at=noon(day(2)), hearing=COURT_DATE, step="call", starts_at=STARTS,
        place=client_contact.location_key(hearing()), contact=NUMBER,
    )  # fmt: skip
    return replace(told, **more)


def only(file: SealedFile, now: dt.datetime | None = None) -> ContactPlan:
    (found,) = client_contact.contact_plans_for(file, now or noon(day(1)))
    return found


def test_a_call_is_due_seven_days_before_and_until_they_were_reached() -> None:
    told = only(case_of())
    assert told.call_on == day(1)
    assert not client_contact.is_call_due(told.call_on, day(30, 11))
    assert client_contact.is_call_due(told.call_on, day(1))
    assert client_contact.is_call_due(told.call_on, day(8))
    assert only(case_of(attempt())).call_on is None


def test_a_hearing_booked_late_is_told_of_at_once() -> None:
    assert client_contact.is_call_due(only(case_of(), noon(day(6))).call_on, day(6))


@pytest.mark.parametrize("result", ["no_answer", "voicemail_not_left", "wrong_number"])
def test_a_call_that_reached_nobody_leaves_it_due(result: str) -> None:
    told = only(case_of(attempt(result=result), attempt(result=result, at=noon(day(3)))))
    assert client_contact.is_call_due(told.call_on, day(3))
    assert told.tries == 2


def test_the_next_try_waits_for_its_day_but_never_past_the_hearing() -> None:
    again = only(case_of(attempt(result="no_answer", next_try_on=day(4))))
    assert [client_contact.is_call_due(again.call_on, day(on)) for on in (3, 4)] == [False, True]
    assert only(case_of(attempt(result="no_answer", next_try_on=day(20)))).call_on == day(8)
    newer = attempt(result="no_answer", at=noon(day(3)))
    assert only(case_of(attempt(result="no_answer", next_try_on=day(4)), newer)).call_on == day(1)


@pytest.mark.parametrize(
    "other",
    [
        attempt(starts_at=STARTS - dt.timedelta(days=1)),
        attempt(starts_at=STARTS + dt.timedelta(hours=1)),
        attempt(place=client_contact.location_key(hearing(court="Court South"))),
        attempt(hearing=uuid4()),
        attempt(party=ROSA),
        attempt(step=""),
        attempt(way="print", result="given", step=""),
    ],
)
def test_what_was_told_of_another_date_place_or_person_does_not_count(other: ContactAttempt) -> None:
    assert only(case_of(other)).call_on == day(1)


@pytest.mark.parametrize(("on", "step"), [(day(27, 11), ""), (day(28, 11), "call"), (day(1), "call"), (day(8), "call")])
def test_a_call_counts_from_three_days_before_it_is_due(on: dt.date, step: str) -> None:
    assert client_contact.call_step(hearing(), on) == step


@pytest.mark.parametrize(
    "gone",
    [
        {"hearing": hearing(outcome=Outcome(what="decided"))},
        {"hearing": hearing(superseded_by=uuid4())},
        {"hearing": hearing(starts_at=dt.datetime(2026, 12, 1, 16, 59, tzinfo=UTC))},
        {"case": Case(ref="7KQ4D", stage="closed", closed_on=day(1, 11))},
        {"maria": maria(role="witness")},
    ],
)
def test_nothing_is_told_of_what_is_over_or_to_nobody(gone: dict[str, Record]) -> None:
    assert client_contact.contact_plans_for(case_of(**gone), noon(day(1))) == ()


def test_each_client_of_the_hearing_is_told_and_nobody_else() -> None:
    file = case_of(hearing=hearing(parties=(MARIA, ROSA)))
    file.entries[ROSA] = Entry(ROSA, 1, Party(role="rider", name=Name(full="Rosa Lopez")))
    other = uuid4()
    file.entries[other] = Entry(other, 1, Party(role="rider", name=Name(full="Leo Lopez")))
    assert [told.party for told in client_contact.contact_plans_for(file, noon(day(1)))] == [MARIA, ROSA]


def test_a_hearing_that_names_nobody_concerns_every_client() -> None:
    file = case_of()
    file.entries[ROSA] = Entry(ROSA, 1, Party(role="rider", name=Name(full="Rosa Lopez")))
    assert {told.party for told in client_contact.contact_plans_for(file, noon(day(1)))} == {MARIA, ROSA}


def test_texts_go_a_week_and_a_day_before_where_they_agreed() -> None:
    assert only(case_of()).texts == ()
    told = only(case_of(consent()))
    assert [(text.step, text.first, text.last) for text in told.texts] == [
        (TEXT_WEEK, day(1), day(6)),
        (TEXT_DAY, day(7), day(8)),
    ]
    due = {on: text.step if (text := client_contact.text_due(told.texts, day(on))) else "" for on in (1, 6, 7, 8, 9)}
    assert due == {1: TEXT_WEEK, 6: TEXT_WEEK, 7: TEXT_DAY, 8: TEXT_DAY, 9: ""}
    assert told.blocked == ""


def test_a_text_handed_over_is_done_and_the_others_are_not() -> None:
    sent = attempt(way="text", result="handed_over", step=TEXT_WEEK)
    told = only(case_of(consent(), sent))
    assert client_contact.text_due(told.texts, day(2)) is None
    assert client_contact.text_due(told.texts, day(7)) is not None
    moved = only(case_of(consent(), sent, hearing=hearing(starts_at=STARTS + dt.timedelta(days=1))))
    assert client_contact.text_due(moved.texts, day(2)) is not None


@pytest.mark.parametrize("state", ["sending", "refused"])
def test_a_text_that_did_not_surely_arrive_stays_for_a_person_to_decide(state: str) -> None:
    text = client_contact.text_due(
        only(case_of(consent(), attempt(way="text", result=state, step=TEXT_WEEK))).texts, day(2)
    )
    assert text is not None
    assert text.state == state


@pytest.mark.parametrize("later", [1, -1])
def test_of_several_tries_of_a_text_the_one_that_went_counts_whatever_the_clock_said(later: int) -> None:
    refused = attempt(way="text", result="refused", step=TEXT_WEEK)
    sending = attempt(way="text", result="sending", step=TEXT_WEEK, at=refused.at + dt.timedelta(minutes=later))
    went = attempt(way="text", result="handed_over", step=TEXT_WEEK, at=refused.at - dt.timedelta(minutes=later))
    doubt = client_contact.text_due(only(case_of(consent(), refused, sending)).texts, day(2))
    assert doubt is not None
    assert doubt.state == "sending"
    assert client_contact.text_due(only(case_of(consent(), refused, sending, went)).texts, day(2)) is None


def test_the_days_are_the_courts_own() -> None:
    # 7 Jan 2027, 22:00 in Los Angeles is 8 Jan 06:00 UTC and 1:00 in New York.
    late = hearing(starts_at=dt.datetime(2027, 1, 8, 6, tzinfo=UTC), zone=LOS_ANGELES)
    told = only(case_of(consent(), hearing=late), dt.datetime(2026, 12, 20, tzinfo=UTC))
    assert (clock.local_date(told.starts_at, told.zone), told.call_on) == (
        dt.date(2027, 1, 7),
        dt.date(2026, 12, 31),
    )


def test_a_week_over_the_change_of_clocks_is_seven_days() -> None:
    # Clocks in New York go forward on 14 Mar 2027: 8:30 is 12:30 UTC after it.
    after = hearing(starts_at=dt.datetime(2027, 3, 15, 12, 30, tzinfo=UTC))
    told = only(case_of(consent(), hearing=after), noon(day(1)))
    assert told.call_on == dt.date(2027, 3, 8)
    assert [text.first for text in told.texts] == [dt.date(2027, 3, 8), dt.date(2027, 3, 14)]


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"), [(7, 59, False), (8, 0, True), (19, 59, True), (20, 0, False), (0, 0, False)]
)
def test_texts_go_out_in_the_hours_of_the_hearings_zone(hour: int, minute: int, is_open: bool) -> None:
    # Los Angeles is at UTC-7 on 13 Jul 2026.
    now = dt.datetime(2026, 7, 13, hour, minute, tzinfo=UTC) + dt.timedelta(hours=7)
    assert client_contact.is_within_contact_hours(now, LOS_ANGELES) is is_open


SAFE = Contact(way="phone", text=NUMBER, safe="yes")


@pytest.mark.parametrize(
    ("records", "named", "why"),
    [
        ((), {}, "no_consent"),
        ((consent(withdrawn_on=day(2, 11), withdrawn_how="told_us"),), {}, "withdrawn"),
        ((consent(withdrawn_on=day(2, 11), withdrawn_how="answered_stop"),), {}, "answered_stop"),
        ((consent(until=day(30, 11)),), {}, "expired"),
        ((consent(until=day(1)),), {}, ""),
        ((consent(contact="+1 212 555 0199"),), {}, "contact_changed"),
        ((consent(),), {"maria": maria(contacts=())}, "contact_changed"),
        ((consent(),), {"maria": maria(contacts=(replace(SAFE, until_on=day(30, 11)),))}, "contact_changed"),
        ((consent(),), {"maria": maria(contacts=(replace(SAFE, safe="no"),))}, "not_safe"),
        ((consent(),), {"maria": maria(contacts=(replace(SAFE, safe="not_asked"),))}, "not_safe"),
        ((consent(),), {"maria": maria(contacts=(SAFE, replace(SAFE, safe="no")))}, "not_safe"),
        ((consent(), attempt(result="wrong_number")), {}, "wrong_number"),
        ((consent(entered_at=noon(day(3))), attempt(result="wrong_number")), {}, ""),
        ((consent(),), {"maria": maria(detained_since=day(1))}, "detained"),
        ((consent(),), {"hearing": hearing(detained=True)}, "detained"),
        ((consent(),), {}, ""),
    ],
)
def test_a_text_that_may_not_go_says_why(records: tuple[Record, ...], named: dict[str, Record], why: str) -> None:
    assert only(case_of(*records, **named)).blocked == why


def test_a_consent_that_stands_counts_before_an_older_one_that_ended() -> None:
    ended = consent(withdrawn_on=day(3, 11), withdrawn_how="answered_stop")
    again = consent(entered_at=dt.datetime(2026, 11, 20, tzinfo=UTC))
    assert only(case_of(ended, again)).blocked == ""
    assert only(case_of(again, ended)).blocked == ""


@pytest.mark.parametrize(
    ("entered", "asked", "is_before"),
    [
        (dt.datetime(2026, 11, 20, 9, tzinfo=UTC), day(20, 11), True),  # entered before
        (dt.datetime(2026, 11, 21, 9, tzinfo=UTC), day(19, 11), True),  # entered after, but asked the day before
        (dt.datetime(2026, 11, 20, 18, tzinfo=UTC), day(20, 11), False),  # asked and entered later that day
        (dt.datetime(2026, 11, 22, 9, tzinfo=UTC), day(21, 11), False),
    ],
)
def test_a_stop_ends_what_was_asked_before_it(entered: dt.datetime, asked: dt.date, is_before: bool) -> None:
    stop = dt.datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert consent(entered_at=entered, asked_on=asked).was_asked_before(stop, day(20, 11)) is is_before
