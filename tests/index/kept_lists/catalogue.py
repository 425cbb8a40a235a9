"""Definitions of every kept list of the program, each with several arguments."""

import datetime as dt
import importlib
import inspect
from pathlib import Path
from typing import Any
from uuid import UUID

import caseapp
from caseapp.accounts.directory.opt_out_inbox import ReceivedOptOut
from caseapp.clients.panels.due_contacts import ClientsDue, ClientsWithTexts
from caseapp.index.kept.dates import DeadlinesBetween, HearingsBetween, HearingsOn
from caseapp.index.kept.definition import KeptList
from caseapp.index.kept.people import ClientsToContact, ClientsWhoReplied, RecentStops, TasksAwaitedBy, TasksOf
from caseapp.today.dated_lists import (
    MissedDeadlines,
    NearDeadlines,
    RemindedDeadlines,
    RemindedHearings,
    RemindedMember,
)

ANA, BEN = UUID(int=901), UUID(int=902)
NUMBER = "+12025550101"
_DAY = dt.timedelta(days=1)


def definitions_at(now: dt.datetime) -> list[KeptList[Any]]:
    """Every list as members of different roles ask for it at an instant."""
    today = now.date()
    stop = ReceivedOptOut(number=NUMBER, at=now)
    return [
        *(HearingsBetween(now - days * _DAY, now + days * _DAY) for days in (1, 3)),
        *(HearingsOn(today + days * _DAY) for days in (-1, 0, 1)),
        *(DeadlinesBetween(today, today + 3 * _DAY, owner) for owner in (None, ANA, BEN)),
        DeadlinesBetween(dt.date.min, today - _DAY),
        *(TasksOf(owner) for owner in (None, ANA, BEN)),
        *(TasksAwaitedBy(lead) for lead in (ANA, BEN)),
        *(kind(today + days * _DAY) for kind in (ClientsToContact, RecentStops, ClientsWhoReplied) for days in (0, 1)),
        ClientsWithTexts(today),
        *(
            ClientsDue(today, now, has_gateway, stops, "UTC", is_sendable=is_sendable)
            for has_gateway in (False, True)
            for stops in ((), (stop,))
            for is_sendable in (False, True)
        ),
        *(MissedDeadlines(today, is_overdue=is_overdue) for is_overdue in (False, True)),
        *(
            NearDeadlines(today, today + 5 * _DAY, member, is_watch=is_watch)
            for member in (None, ANA, BEN)
            for is_watch in (False, True)
        ),
        *(
            RemindedDeadlines(RemindedMember(member, role, is_admin), today, own, today + days * _DAY, is_team=is_team)
            for member, role, is_admin in (
                (ANA, "attorney", False),
                (BEN, "supervisor", False),
                (BEN, "attorney", True),
            )
            for own, days, is_team in ((frozenset[int](), 2, False), (frozenset({4, -2}), 0, True))
        ),
        *(RemindedHearings(member, today) for member in (ANA, BEN)),
    ]


def all_kinds() -> set[type[KeptList[Any]]]:
    """Every subclass that the program has, of whatever module."""
    root = Path(inspect.getfile(caseapp)).parent
    for path in root.rglob("*.py"):
        if "(KeptList[" in path.read_text():
            importlib.import_module(".".join(path.relative_to(root.parent).with_suffix("").parts))
    kinds, waiting = set[type[KeptList[Any]]](), list[type[KeptList[Any]]](KeptList.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        kinds.add(kind)
    return {kind for kind in kinds if kind.__module__.startswith("caseapp.")}
