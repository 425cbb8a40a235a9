"""The row of a case in the index: only what lists, Today, calendar and search need."""

import datetime as dt

from caseapp.casefile.contact import client_contact, reachability
from caseapp.index import text_keys
from caseapp.index.likeness import identity_of
from caseapp.index.likeness.person_row import PersonRow
from caseapp.index.row_parts.contact import ClientRow, ConsentRow, ReachRow, ReplyRow, StopRow, TextRow
from caseapp.index.row_parts.intake import IntakeRow
from caseapp.index.rows import STOP_SHOWN, CaseRow, DeadlineRow, DocumentRow, HearingRow, TaskRow
from caseapp.lib import clock
from caseapp.records import deadline, names
from caseapp.records.answer import INTAKE, STEPS, Answer
from caseapp.records.case import Case
from caseapp.records.consent import STOPPED, Consent
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.vault.head import Access
from caseapp.vault.store import Entry, SealedFile

KEEP_PAST = dt.timedelta(days=30)
MAX_PHONES = 20  # telephone numbers of a case that can be searched for
DOCUMENTS_SHOWN = 5  # newest documents of a case in the lists, and as many of the newest ones not sorted yet
TITLE_SHOWN = 80  # characters of a document's title, and of a text in the intake queue
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)
SPOKE_WITH_CLIENT = ("reached", "given")  # results of an attempt in which the client was spoken to


def build_row(file: SealedFile) -> CaseRow:
    """Return the index row of an open case, with the head's version and digest to detect a restored old file."""
    case = file.get_only(Case).record
    people = sorted(file.entries_of(Party), key=lambda e: (e.record.role != "lead", e.record.name.full))
    parties = [entry.record for entry in people]
    contacts = [note.record.entered_at for note in file.entries_of(Note) if note.record.entered_at]
    contacts += [
        attempt.record.at for attempt in file.entries_of(ContactAttempt) if attempt.record.result in SPOKE_WITH_CLIENT
    ]
    papers = _documents_of(file)
    return CaseRow(
        ref=case.ref,
        stage=case.stage,
        names=tuple((name.full, party.role) for party in parties for name in (party.name, *party.other_names)),
        a_numbers=tuple(party.a_number for party in parties if party.a_number),
        other_numbers=_other_numbers(case, parties),
        born=parties[0].born_on if parties else None,
        citizenships=tuple(dict.fromkeys(c for party in parties for c in party.citizenships)),
        languages=parties[0].languages if parties else (),
        relief=case.relief,
        lead=case.lead,
        team=case.team,
        detained=any(party.detained_since for party in parties),
        hearings=_hearing_rows(file),
        deadlines=_deadline_rows(file),
        tasks=_task_rows(file),
        opened_on=case.opened_on,
        last_contact_on=max(contacts).date() if contacts else None,
        closed=case.closed_on is not None,
        head_version=file.head_version,
        head_digest=file.head_digest,
        clients=_client_rows(file),
        stops=_opt_out_rows(file),
        not_compared=not file.is_compared,
        phones=tuple(sorted({e.record.number for e in file.entries_of(Consent) if not e.record.is_withdrawn})),
        born_period=parties[0].born_period if parties else "",
        ended_phones=tuple(sorted({e.record.number for e in file.entries_of(Consent) if e.record.is_withdrawn})),
        replies=_reply_rows(file, is_closed=case.closed_on is not None),
        contact_phones=_phones_of(parties),
        documents=_document_rows(papers),
        unsorted=sum(not entry.record.kind for entry in papers),
        people=tuple(map(_person_row, people)),
        intake=_intake_row(file),
        conflict_since=file.get_only(Access).record.conflict_since,
    )


def _person_row(entry: Entry[Party]) -> PersonRow:
    """Return what a person is recognised by; their names are the next ones of the row's `names`."""
    identity = identity_of(entry.record)
    return PersonRow(
        id=entry.id,
        role=entry.record.role,
        names=1 + len(entry.record.other_names),
        a_number=identity.a_number,
        numbers=identity.numbers,
        phones=tuple(sorted(identity.phone_keys))[:MAX_PHONES],
        born=str(identity.birth or ""),
        countries=identity.countries,
        decided=(*entry.record.not_the_same, *(party for _, party in entry.record.same_as)),
    )


def _intake_row(file: SealedFile) -> IntakeRow | None:
    """Return the row of the case's intake; None for a case that did not begin as one."""
    record = next((entry.record for entry in file.entries_of(Answer) if entry.record.tree == INTAKE), None)
    if record is None or record.began_on is None:
        return None
    waiting, decision = record.waiting, record.decision
    return IntakeRow(
        state=record.state,
        since=waiting.since if waiting is not None and decision is None else record.began_on,
        about=record.answers.get("about", "")[:TITLE_SHOWN],
        priority=waiting.priority if waiting is not None else "",
        reason=(decision.reason if decision else waiting.reason if waiting else "")[:TITLE_SHOWN],
        next_contact_on=waiting.next_contact_on if waiting is not None else None,
        decision=decision.what if decision is not None else "",
        step=next((step for step in STEPS if step not in record.steps), STEPS[-1]),
    )


def _other_numbers(case: Case, parties: list[Party]) -> tuple[str, ...]:
    """Return all numbers a case is searched by except A-Numbers, those of other systems included."""
    numbers = [number for party in parties for _, number in party.other_numbers]
    numbers += [*case.court_numbers, *case.receipts, *case.external_ids.values()]
    numbers += [number for party in parties for number in party.external_ids.values()]
    return tuple(dict.fromkeys(numbers))


def _phones_of(parties: list[Party]) -> tuple[str, ...]:
    """Return the digits of all telephone numbers of these people."""
    texts = (contact.text for party in parties for contact in party.contacts if contact.way == "phone")
    return tuple(dict.fromkeys(number for text in texts for number in text_keys.phone_digits(text)))[:MAX_PHONES]


def _document_rows(papers: list[Entry[Document]]) -> tuple[DocumentRow, ...]:
    """Return the rows of the newest documents, and of the newest ones not sorted yet; `papers` are newest first."""
    unsorted = [entry for entry in papers if not entry.record.kind]
    shown = {entry.id: entry for entry in (*papers[:DOCUMENTS_SHOWN], *unsorted[:DOCUMENTS_SHOWN])}
    return tuple(
        DocumentRow(
            id=entry.id,
            title=entry.record.title[:TITLE_SHOWN],
            kind=entry.record.kind,
            added_at=entry.record.entered_at,
        )
        for entry in shown.values()
    )


def _documents_of(file: SealedFile) -> list[Entry[Document]]:
    """Return the documents that are not removed, newest first."""
    papers = [entry for entry in file.entries_of(Document) if entry.record.removed_on is None]
    return sorted(papers, key=lambda entry: entry.record.entered_at or _LONG_AGO, reverse=True)


def _hearing_rows(file: SealedFile) -> tuple[HearingRow, ...]:
    """Return the current hearings, without those more than about a year before the newest one."""
    newest = max((entry.record.starts_at for entry in file.entries_of(Hearing)), default=None)
    if newest is None:
        return ()
    return tuple(
        HearingRow(
            id=entry.id,
            starts_at=entry.record.starts_at,
            zone=entry.record.zone,
            kind=entry.record.kind,
            court=entry.record.court,
            room=entry.record.room,
            hearing_format=entry.record.way,
            goes=entry.record.goes,
            interpreter=entry.record.interpreter,
            interpreter_asked=entry.record.interpreter_asked,
            outcome=entry.record.outcome.what if entry.record.outcome else "",
            judge=entry.record.judge,
        )
        for entry in sorted(file.entries_of(Hearing), key=lambda e: e.record.starts_at)
        if entry.record.superseded_by is None and entry.record.starts_at >= newest - KEEP_PAST * 12
    )


def _deadline_rows(file: SealedFile) -> tuple[DeadlineRow, ...]:
    """Return the rows of the open deadlines."""
    return tuple(
        DeadlineRow(
            id=entry.id,
            what=entry.record.what,
            severity=entry.record.severity,
            state=entry.record.state,
            act_by=deadline.day_to_act(entry.record),
            due_on=entry.record.due_on,
            opens_on=entry.record.opens_on,
            checked=deadline.is_checked(entry.record),
            owner=entry.record.owner,
            proposed=entry.record.proposal is not None,
            is_watch=deadline.is_watch(entry.record),
            reminder_days=entry.record.reminder_days,
            rule=entry.record.working.rule if entry.record.working else "",
        )
        for entry in file.entries_of(Deadline)
        if entry.record.state == "open"
    )


def _task_rows(file: SealedFile) -> tuple[TaskRow, ...]:
    """Return the rows of the tasks that are not done."""
    return tuple(
        TaskRow(id=entry.id, text=entry.record.text, due_on=entry.record.due_on, owner=entry.record.owner)
        for entry in file.entries_of(Task)
        if entry.record.done_on is None
    )


def _client_rows(file: SealedFile) -> tuple[ClientRow, ...]:
    """Return the contacts due with each client before each upcoming hearing."""
    parties = {entry.id: entry.record for entry in file.entries_of(Party)}
    hearings = {entry.id: entry.record for entry in file.entries_of(Hearing)}
    return tuple(
        ClientRow(
            party=telling.party,
            hearing=telling.hearing,
            starts_at=telling.starts_at,
            zone=telling.zone,
            name=names.short_name(parties[telling.party]),
            careful=parties[telling.party].careful,
            kind=hearings[telling.hearing].kind,
            call_on=telling.call_on,
            tries=telling.tries,
            texts=tuple(
                TextRow(step=text.step, first=text.first, last=text.last, state=text.state, attempt=text.attempt)
                for text in telling.texts
            ),
            blocked=telling.blocked,
            answers=tuple(
                ReachRow(no_call=answer.no_call, no_text=answer.no_text, number=answer.number, first=answer.first)
                for answer in telling.answers
            ),
            consent=_consent_row(telling.consent),
        )
        for telling in client_contact.contact_plans_for(file, clock.now())
    )


def _consent_row(consent: Consent | None) -> ConsentRow | None:
    if consent is None or consent.is_withdrawn:
        return None
    return ConsentRow(number=consent.number, asked_on=consent.asked_on, entered_at=consent.entered_at)


def _opt_out_rows(file: SealedFile) -> tuple[StopRow, ...]:
    """Return the recent opt-outs by STOP message, one for each client who has not agreed again since."""
    parties = {entry.id: entry.record for entry in file.entries_of(Party)}
    since = clock.now().date() - dt.timedelta(days=STOP_SHOWN)
    newest: dict[tuple[object, ...], StopRow] = {}
    for entry in file.entries_of(Consent):
        record = entry.record
        effective = reachability.effective_consent(file, record.party)
        is_last = effective is not None and effective.id == entry.id
        on = record.withdrawn_on if record.withdrawn_how == STOPPED and record.party in parties and is_last else None
        if on is not None and on >= since:
            name = names.short_name(parties[record.party])
            newest[record.party, on] = StopRow(party=record.party, name=name, on=on)
    return tuple(newest.values())


def _reply_rows(file: SealedFile, *, is_closed: bool) -> tuple[ReplyRow, ...]:
    """Return the clients who replied to a text. Of a closed case no call is due."""
    parties = ((entry.id, entry.record) for entry in file.entries_of(Party))
    clients = {party_id: party for party_id, party in parties if party.role in client_contact.CLIENTS}
    states = [(party_id, client_contact.client_reply_of(file, party_id)) for party_id in clients]
    return tuple(
        ReplyRow(
            party=party_id,
            name=names.short_name(clients[party_id]),
            numbers=client_contact.numbers_of(file, party_id),
            newest=state.newest.record.at,
            since=None if is_closed else state.since,
            call_on=state.call_on,
            careful=clients[party_id].careful,
        )
        for party_id, state in states
        if state is not None
    )
