"""A whole Caseapp with a real mail server and a clock that can be moved, for tests that need all of it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from caseapp.tools.pytest_plugin import RunningStack, data_folder, running_stack
from tests.helpers import moved_clock
from tests.helpers.smtp import Box, post_office
from tests.helpers.visitor import Visitor

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # Tuesday morning in New York


@dataclass
class Office:
    """A running stack, its mail, its clock and somebody at its door."""

    stack: RunningStack
    box: Box
    clock_file: Path
    visitor: Visitor
    shift: timedelta = field(default_factory=lambda: START - datetime.now(UTC))

    @property
    def everything(self) -> str:
        """Our database as superuser: no row is hidden."""
        used = urlsplit(self.stack.database_url("owner")).path
        return urlsplit(self.stack.database_url("admin"))._replace(path=used).geturl()

    def seconds(self) -> int:
        """What its clock says now, since 1970."""
        return int((datetime.now(UTC) + self.shift).timestamp())

    def set_clock(self, moment: datetime) -> None:
        """From now on it is `moment` (aware) and goes on from there; every process sees it at its next look."""
        self.shift = moment - datetime.now(UTC)
        moved_clock.set_offset(self.clock_file, self.shift)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test also shows what the stack it ran on said: seldom failures are understood from there."""
    report = yield
    found = getattr(item, "funcargs", {}).get("office")
    if report.failed and isinstance(found, Office):
        logs = {found.stack.terminal_output, *found.stack.root.rglob("*.log"), *found.stack.root.rglob("log/*")}
        for path in sorted(path for path in logs if path.is_file()):
            report.sections.append((f"the end of {path.name}", path.read_text(errors="replace")[-6000:]))
    return report


@pytest.fixture
def office() -> Generator[Office]:
    with running_office() as running:
        yield running


@contextmanager
def running_office(**variables: str) -> Generator[Office]:
    """An office on a stack of its own; `variables` of its environment."""
    with data_folder() as root, post_office() as box:
        clock_file = root.with_name("clock")
        moved_clock.set_offset(clock_file, START - datetime.now(UTC))
        with running_stack(
            root,
            SMTP_URL=f"smtp://127.0.0.1:{box.port}",
            CASEAPP_CLOCK_FILE=str(clock_file),
            MAIL_FROM="list@office.test",
            **variables,
        ) as stack:
            yield Office(stack, box, clock_file, Visitor(int(stack.read_state()["ports"]["web"]), stack.setup_code))
