"""`caseapp bench import`: a list of cases through the real reader, killed at random points, compared, and undone.

Two offices, each with an earlier list of a tenth of the rows, import the same CSV file with a preset, the search for
people who are here already included. In one office nothing disturbs it; in the other one the process that works is
killed with SIGKILL at random points, and the next one goes on. Records, hearings, deadlines and reminders of both are
compared by digest. Then the second import is undone, killed again, and the office is compared with itself before it.
"""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.file_storage import BlobWriter
from caseapp.moving.reading.files.table import open_table
from caseapp.moving.reading.plans.mapping import suggest_mapping
from caseapp.moving.reading.presets.catalogue import guess_preset, known_headings
from caseapp.moving.reading.settings import Answers
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store, sources, steps
from caseapp.moving.services.importing.shapes import (
    AT_WORK,
    DONE,
    READY,
    UNDONE,
    ImportState,
    PlannedPart,
    SavedPart,
)
from caseapp.tools.bench.moves.case_list import ListedRows, make_case_list
from caseapp.tools.bench.moves.import_worker import KillableWorker
from caseapp.tools.bench.moves.office_digest import content_digest, outstanding_reminders, whole_digest
from caseapp.tools.bench.moves.offices import ZONE, BenchOffice, say_on_stderr
from caseapp.vault.tenancy import office_transaction

ROWS, KILLS = 20_000, 20
EARLIER = 10  # one row of an earlier list for so many rows
TURNS = 400  # of the worker, in which an import is at rest in any case


@dataclass
class ImportRun:
    """What one import did: seconds of each step, how often its process was killed, and the counts of its rows."""

    seconds: dict[str, float] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    processor: float = 0.0


@dataclass
class ImportComparison:
    """The result of the bench. `wrong` names each thing that is not as promised; empty: all is."""

    rows: int
    calm: ImportRun
    killed: ImportRun
    wrong: list[str] = field(default_factory=list)


def run(rows: int = 0, kills: int = 0) -> list[dict[str, object]]:
    """Return the figures. Needs Django set up on a server of the bench's own. 0: as many as the bench has."""
    result = compare_imports(rows := rows or ROWS, kills or KILLS, say_on_stderr)
    calm, killed = result.calm, result.killed
    figures = [
        _figure(f"rows that a step saved, of {rows}", "rows", _rows_of(killed), _rows_of(calm)),
        _figure("what is not as promised", "faults", len(result.wrong), 0),
    ]
    for step, seconds in killed.seconds.items():
        name = f"{step}, killed {killed.kills[step]} times"
        figures.append(_figure(name, "s", round(seconds, 1), round(calm.seconds.get(step, seconds), 1)))
    figures.append(_figure("processor, undisturbed", "s", round(calm.processor, 1), round(calm.processor, 1)))
    for problem in result.wrong:
        figures.append(_figure(problem, "faults", 1, 0))
    return figures


def _rows_of(run: ImportRun) -> int:
    return sum(count for name, count in run.counts.items() if not name.startswith("check."))


def _figure(name: str, unit: str, ours: float, peer: float) -> dict[str, object]:
    """Return a figure; a time has no goal."""
    has_goal = unit in {"rows", "faults"}
    return {
        "name": name,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peer": peer,
        "peer_name": "the undisturbed import",
        "ratio": round(ours / peer, 3) if peer else 0.0,
        "goal": peer if has_goal else None,
        "met": ours == peer if has_goal else None,
    }


def compare_imports(rows: int, kills: int, say: Callable[[str], object] = lambda _line: None) -> ImportComparison:
    """Import a list twice, once undisturbed and once killed, and compare; then undo the second one, killed too."""
    earlier = make_case_list(max(3, rows // EARLIER))
    listed = make_case_list(rows, first=earlier.rows, alike=range(0, earlier.rows, 10))
    calm_office, office = BenchOffice("calm"), BenchOffice("killed")
    for each in (calm_office, office):
        _import_here(each.sign_in()[1], earlier, ImportRun())
    say(f"two offices of {earlier.rows} rows")
    result = ImportComparison(rows, ImportRun(), ImportRun())
    _import_here(calm_office.sign_in()[1], listed, result.calm)
    say(f"undisturbed: {result.calm}")
    before = whole_digest(office.sign_in()[1])
    worker = KillableWorker()
    try:
        import_id = _import_killed(office, worker, listed, result, kills)
        say(f"killed: {result.killed}")
        _compare(calm_office.sign_in()[1], office.sign_in()[1], result)
        _check_rows(office.sign_in()[1], import_id, listed, result)
        _undo_killed(office, worker, import_id, result, kills)
    finally:
        worker.end()
    say(f"undone: {result.killed.seconds}")
    _require(
        result,
        whole_digest(office.sign_in()[1]) == before,
        "the office after the undo is not the one before the import",
    )
    return result


def _begin(staff: Staff, listed: ListedRows) -> UUID:
    """Upload a list and say what its columns mean, as the pages do."""
    writer = BlobWriter(staff.org_id)
    writer.write(listed.content)
    import_id = imports.begin(staff, ("cases.csv", writer.finish()), [])
    with sources.open_source(staff, import_store.open_import(staff, import_id)) as stream:
        headings = open_table(stream, known=known_headings()).headings
    mapping = suggest_mapping(headings, guess_preset(headings))
    answers = Answers(date_order="mdy", zone=ZONE)
    import_store.save_settings(staff, import_id, mapping=mapping, answers=answers)
    imports.start_check(staff, import_id)
    return import_id


def _import_here(staff: Staff, listed: ListedRows, run: ImportRun) -> None:
    """Import a list in this process, which nothing disturbs."""
    import_id, processor = _begin(staff, listed), time.process_time()
    _work_here(staff, import_id, "checked", run)
    imports.start_saving(staff, import_id)
    run.counts = _work_here(staff, import_id, "saved", run).counts
    run.processor = time.process_time() - processor


def _work_here(staff: Staff, import_id: UUID, step: str, run: ImportRun) -> ImportState:
    work, began = steps.Work(), time.monotonic()
    while (state := steps.advance(staff, import_id, work)).step in AT_WORK and not state.paused:
        pass
    run.seconds[step] = time.monotonic() - began
    return state


def _import_killed(
    office: BenchOffice, worker: KillableWorker, listed: ListedRows, result: ImportComparison, kills: int
) -> UUID:
    """Import a list with a process that is killed; two of five kills are while it checks, the others while it saves."""
    staff = office.sign_in()[1]
    import_id = _begin(staff, listed)
    checking = kills * 2 // 5
    _work_killed(
        office, worker, import_id, _Killing("checked", READY, checking, result.calm.seconds["checked"]), result
    )
    imports.start_saving(office.sign_in()[1], import_id)
    saving = _Killing("saved", DONE, kills - checking, result.calm.seconds["saved"])
    result.killed.counts = _work_killed(office, worker, import_id, saving, result).counts
    return import_id


def _undo_killed(
    office: BenchOffice, worker: KillableWorker, import_id: UUID, result: ImportComparison, kills: int
) -> None:
    imports.start_undo(office.sign_in()[1], import_id)
    killing = _Killing("undone", UNDONE, kills, result.calm.seconds["saved"] / 2)
    _work_killed(office, worker, import_id, killing, result)


@dataclass(frozen=True)
class _Killing:
    """How often the process of one step is killed on its way to rest; `seconds`: what the step takes undisturbed."""

    step: str
    at_rest: str
    kills: int
    seconds: float


def _work_killed(
    office: BenchOffice, worker: KillableWorker, import_id: UUID, killing: _Killing, result: ImportComparison
) -> ImportState:
    """Kill the worker at random points until it was killed so often, then let it come to rest."""
    chance, began, killed = random.Random(f"{killing.step} 23"), time.monotonic(), 0  # noqa: S311  # moments
    longest = killing.seconds * 1.6 / max(1, killing.kills)
    for _turn in range(TURNS):
        token, staff = office.sign_in()
        state = import_store.open_import(staff, import_id)
        if state.step == killing.at_rest or state.paused:
            break
        if killed < killing.kills:
            worker.work(token, import_id, kill_after=chance.uniform(0.005, longest))
            state = import_store.open_import(staff, import_id)
            killed += state.step != killing.at_rest
        else:
            worker.work(token, import_id)
    result.killed.seconds[killing.step] = time.monotonic() - began
    result.killed.kills[killing.step] = killed
    _require(result, state.step == killing.at_rest, f"the import was not {killing.step} (problem: {state.problem})")
    return state


def _compare(calm: Staff, staff: Staff, result: ImportComparison) -> None:
    """Compare the two offices by their content and by the number of reminders that are planned."""
    _require(result, _sum(calm) == _sum(staff), "records, hearings, deadlines or reminders of the two are not equal")
    planned = [sum(outstanding_reminders(each).values()) for each in (calm, staff)]
    _require(result, planned[0] == planned[1], f"not as many reminders are planned: {planned}")
    counts = result.calm.counts, result.killed.counts
    _require(result, counts[0] == counts[1], f"the counts of the two are not equal: {counts}")


def _sum(staff: Staff) -> str:
    return hashlib.sha256(repr(content_digest(staff)).encode()).hexdigest()


def _check_rows(staff: Staff, import_id: UUID, listed: ListedRows, result: ImportComparison) -> None:
    """Compare the broken rows of the file with those that the report names, and each other row with its result."""
    named: dict[int, str] = {}
    others = set()
    for _number, part in import_store.read_parts(staff, import_id):
        for row in part.results if isinstance(part, SavedPart) else ():
            if row.result == "rejected":
                named[row.row] = row.problems[0].code if row.problems else ""
            else:
                others.add(row.row)
    _require(result, named == listed.broken, "the broken rows are not those that the report names with their reason")
    everything = set(range(2, listed.rows + 2))
    _require(result, others == everything - set(listed.broken), "a row of the file has no result")
    _require(result, not result.killed.counts.get("refused", 0), "a row could not be saved")
    with office_transaction(staff.org_id):
        rest = isinstance(import_store.read_part(staff, import_id, 0), PlannedPart)
    _require(result, not rest, "a part was not saved")


def _require(result: ImportComparison, is_so: bool, otherwise: str) -> None:
    if not is_so:
        result.wrong.append(otherwise)
