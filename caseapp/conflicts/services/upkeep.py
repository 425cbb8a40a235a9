"""The upkeep job of conflict checks: requests passed on to a first officer, and to the officers' next key."""

from typing import Final

from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.conflicts.services import checks, officer
from caseapp.vault.core.keyring import CONFLICT


def _pass_on(turn: UpkeepTurn) -> int:
    keys = turn.staff.keys
    passed = checks.pass_on_waiting(keys)
    if keys.groups_of_kind(CONFLICT):
        passed += officer.reseal_older(keys)
    return passed


PASS_ON: Final = UpkeepJob("conflict checks", 46, _pass_on, 0)


def register_jobs() -> None:
    """Register the job. Called once, when Django has loaded all models."""
    registry.register(PASS_ON)
