"""The file that locust runs: each of its users is a member at work, and every answer is kept for the bench.

Locust starts the users one after the other, lets each think between two acts, and stops them when the time is over.
"""

import json
import random
from argparse import ArgumentParser
from itertools import count
from pathlib import Path
from typing import Any

from locust import User, events, task
from locust.env import Environment

from caseapp.tools.bench.load.acts import MemberAtWork
from caseapp.tools.bench.pages.browser import Browser
from caseapp.tools.bench.pages.visits import KnownOffice, Visitor

_numbers = count()
_answers: list[tuple[str, float, str]] = []


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # locust has no type for it
def add_options(parser: ArgumentParser) -> None:
    """Add the files of the bench, and how long a person thinks."""
    parser.add_argument("--office", type=Path, help="What the checks know of the office, as JSON")
    parser.add_argument("--answers", type=Path, help="Where every answer is written")
    parser.add_argument("--acts", type=json.loads, help="How often a person does what, as JSON")
    parser.add_argument("--think", type=float, nargs=2, metavar=("LEAST", "MOST"), help="Seconds between two acts")


@events.request.add_listener  # type: ignore[untyped-decorator]  # locust has no type for it
def keep_answer(name: str, response_time: float, exception: Exception | None, **_: Any) -> None:
    """Keep name, milliseconds and error of an answer."""
    _answers.append((name, response_time, str(exception) if exception else ""))


@events.quitting.add_listener  # type: ignore[untyped-decorator]  # locust has no type for it
def write_answers(environment: Environment, **_: Any) -> None:
    """Write every answer for the bench."""
    assert environment.parsed_options is not None
    environment.parsed_options.answers.write_text(json.dumps(_answers))


class PersonAtWork(User):  # type: ignore[misc,unused-ignore]
    """A simulated user of locust: one member of the office."""

    def on_start(self) -> None:
        """Sign in, as each working day begins."""
        options = self.environment.parsed_options
        assert options is not None
        stored = json.loads(options.office.read_text())
        office = KnownOffice(tuple(stored["members"]), tuple(stored["cases"]), stored["total"])
        number = next(_numbers)
        visitor = Visitor(Browser(stored["port"]), office, number, stride=len(office.members))
        self.member = MemberAtWork(visitor, office.members[number % len(office.members)], self._report_answer)
        self.member.perform("sign-in")

    @task
    def work(self) -> None:
        """Carry out one act."""
        assert self.environment.parsed_options is not None
        weights: dict[str, int] = self.environment.parsed_options.acts
        [act] = random.choices(list(weights), list(weights.values()))  # noqa: S311  # no secret
        self.member.perform(act)

    def wait_time(self) -> float:
        """Return the seconds that this person thinks before the next act."""
        assert self.environment.parsed_options is not None
        return random.uniform(*self.environment.parsed_options.think)  # noqa: S311  # no secret

    def _report_answer(self, name: str, milliseconds: float, error: str) -> None:
        self.environment.events.request.fire(
            request_type="HTTP",
            name=name,
            response_time=milliseconds,
            response_length=0,
            exception=RuntimeError(error) if error else None,
            context={},
        )
