"""The upkeep jobs of the clients: replies to texts that wait for a member who can open their cases."""

from typing import Final

from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.clients.services import opt_outs, replies


def _apply_opt_outs(turn: UpkeepTurn) -> int:
    return opt_outs.apply(turn.staff)


def _apply_replies(turn: UpkeepTurn) -> int:
    return replies.apply(turn.staff)


APPLY_OPT_OUTS: Final = UpkeepJob("stops", 50, _apply_opt_outs, 0)
APPLY_REPLIES: Final = UpkeepJob("replies", 55, _apply_replies, 0)


def register_jobs() -> None:
    """Register the jobs. Called once, when Django has loaded all models."""
    registry.register(APPLY_OPT_OUTS)
    registry.register(APPLY_REPLIES)
