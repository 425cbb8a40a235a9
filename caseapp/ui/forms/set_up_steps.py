"""The steps of the first run, with the minutes each takes: pages of two features show where the person is."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OFFICE, FOUNDER, FACTOR, RECOVERY, MAIL, COLLEAGUE = range(1, 7)
# Words and minutes of each step. Steps 2 and 4 are written down on paper and typed back.
_STEPS: tuple[tuple[str | Promise, int], ...] = (
    (_("Office"), 1),
    (_("You"), 3),
    (_("Second factor"), 2),
    (_("Recovery code"), 3),
    (_("Test mail"), 1),
    (_("First colleague"), 2),
)


def step_context(number: int) -> dict[str, Any]:
    """Return what `components/set-up-step.html` shows. `number`: of the present step, from 1."""
    return {
        "steps": [word for word, _minutes in _STEPS],
        "now": number,
        "minutes": _STEPS[number - 1][1],
        "all_steps": len(_STEPS),
        "all_minutes": sum(minutes for _word, minutes in _STEPS),
    }
