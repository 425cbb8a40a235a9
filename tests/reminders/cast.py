"""The clock that the tests of reminders move."""

import datetime as dt

import pytest

from caseapp.lib import clock
from caseapp.reminders import choices, watchdog


class Clock:
    """Stands at a moment until it is moved."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        return self.moment

    def pass_by(self, **more: float) -> None:
        self.moment += dt.timedelta(**more)


def stop_clock(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> Clock:
    """Let time stand at `moment` (aware), when this process began, until the test moves it.

    Days without items are silent meanwhile, so that what is counted is what was planned.
    """
    moving = Clock(moment)
    monkeypatch.setattr(clock, "now", moving.now)
    monkeypatch.setattr(watchdog, "_started", moment)
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    return moving
