"""What a log line may carry: an event with counts and codes, else logger and level."""

import ast
import logging
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import caseapp
from caseapp.lib.errors import NotFound
from caseapp.lib.logs.log_events import EVENTS
from caseapp.lib.logs.quiet_logs import QuietRecord

PRODUCT = Path(caseapp.__file__).parent
# What our own lines fill in: an exception, a count, or a code that is written in the program.
FILLED_IN = {
    "exc",
    "tries",
    "failed",
    "kind",
    "reason",
    "code",
    "finding.code",
    "step.name",
    "file.doubt",
    "page",
    "job_name",
    "name",
    "number",
    "what",
    "len(missing)",
    "len(subjects) - len(confirmed)",
    "len(findings.unreachable)",
    "findings.lost",
    "findings.misplaced",
    "findings.stale",
    "count",
    "request_number_of(request)",
    "exc if exc is not None else kind.__name__",
}


def line(logger: str, text: object, *values: object, exc: BaseException | None = None) -> str:
    failed = (type(exc), exc, exc.__traceback__) if exc is not None else None
    record = QuietRecord(logger, logging.ERROR, __file__, 1, text, values, failed)
    return logging.Formatter("%(name)s %(levelname)s %(message)s").format(record)


def own_log_calls() -> list[tuple[Path, ast.Call]]:
    found = []
    for path in PRODUCT.rglob("*.py"):
        if "tools" in path.relative_to(PRODUCT).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[0].rpartition(".")[2] == "log":
                found.append((path, node))
    return found


def test_every_line_of_ours_is_an_event_and_every_event_is_written() -> None:
    written = set()
    for path, call in own_log_calls():
        text = call.args[0]
        assert isinstance(text, ast.Constant), f"{path}:{call.lineno} makes its text"
        assert text.value in EVENTS, f"{path}:{call.lineno} is no event of lib/logs/log_events.py"
        written.add(text.value)
    assert written == EVENTS


def test_a_line_of_ours_fills_in_codes_counts_and_exceptions_only() -> None:
    for path, call in own_log_calls():
        for value in call.args[1:]:
            assert ast.unparse(value) in FILLED_IN, f"{path}:{call.lineno} writes {ast.unparse(value)}"


@given(
    st.text(min_size=1), st.sampled_from(["django.request", "gunicorn.error", "py.warnings", "psycopg", "caseapp.ui"])
)
def test_a_line_that_is_no_event_keeps_nothing_of_its_text(text: str, logger: str) -> None:
    assert line(logger, "%s", text) == f"{logger} ERROR a line without an event"
    assert line(logger, "Invalid request: " + text.replace("%", "")) == f"{logger} ERROR a line without an event"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "kind=3"),
        ("older-than-list", "kind=older-than-list"),
        (UUID(int=7), "kind=00000000-0000-0000-0000-000000000007"),
        ("Yusuf Hosseini", "kind=?"),
        ("Nguyễn", "kind=?"),
        ("she phoned at 3, again", "kind=?"),
        (["Hosseini"], "kind=?"),
        (b"Hosseini", "kind=?"),
        (NotFound("Hosseini"), "kind=NotFound at ?"),
    ],
)
def test_a_value_is_a_count_a_code_or_an_exceptions_type(value: object, shown: str) -> None:
    assert line("caseapp.casefile", "case.doubt kind=%s", value).endswith(shown)


def test_a_failure_keeps_its_type_and_code_location() -> None:
    try:
        int("Hosseini")
    except ValueError as exc:
        said = line("celery.app.trace", "Task %(name)s raised: %(exc)s", {"name": "a", "exc": exc}, exc=exc)
    assert said.startswith("celery.app.trace ERROR a line without an event [ValueError at tests.lib.test_quiet_logs:")
    assert "Hosseini" not in said


def test_an_operator_still_reads_that_a_web_process_hung_and_that_the_queue_is_away() -> None:
    assert (
        line("gunicorn.error", "WORKER TIMEOUT (pid:%s)", 4711) == "gunicorn.error ERROR web.process_hung process=4711"
    )
    away = "consumer: Cannot connect to %s: %s.\n%s\n"
    said = line("celery.worker.consumer.consumer", away, "redis://:secret@127.0.0.1", "refused", "Trying again")
    assert said == "celery.worker.consumer.consumer ERROR queue.unreachable"
