"""The working as a deadline's record keeps it can be asked again by the rules."""

import datetime as dt

import msgspec

from caseapp import rules
from caseapp.deadlines.services import calculation


def test_a_records_working_is_replayed_compared_and_checked_for_confirmations() -> None:
    deadline = calculation.compute_deadline(
        "us.bia.appeal", {"oral_decision": dt.date(2026, 11, 16)}, rules.Options(zone="America/Chicago")
    )
    kept = msgspec.to_builtins(deadline.working)
    assert rules.replay(kept).due_on == dt.date(2026, 11, 27)
    assert rules.find_unconfirmed(kept, book=rules.standard()) == ("rule:us.bia.appeal",)
    assert not rules.compare(kept).changed
    other = rules.compare(kept, changed={"position": "30"})
    assert other.was == {"due_on": "2026-11-27", "act_by": "2026-11-27"}
    assert other.why[-1] == "Last day: was Fri 27 Nov 2026, would be Wed 16 Dec 2026."
