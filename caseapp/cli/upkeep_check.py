"""The check of `caseapp doctor` that shows the last whole pass of upkeep over each list of cases. It needs no key."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import django


def check_upkeep() -> str:
    """Return, for each kind of pass, on which days the pass of how many lists was last whole."""
    django.setup()
    from caseapp.accounts.models import Door
    from caseapp.casefile.models import UpkeepPass
    from caseapp.casefile.upkeep import passes
    from caseapp.index import queries
    from caseapp.vault.tenancy import office_transaction

    days: dict[str, list[date | None]] = {kind: [] for kind in passes.KINDS}
    for org_id in Door.objects.values_list("org_id", flat=True).distinct():
        with office_transaction(org_id):
            group_ids = queries.groups_with_head(org_id)
            for kind, listed in days.items():
                rows = UpkeepPass.objects.filter(org_id=org_id, kind=kind)
                whole: Mapping[UUID, date | None] = dict(rows.values_list("group_id", "whole_on"))
                listed += [whole.get(group_id) for group_id in group_ids]
    return "; ".join(f"{passes.KINDS[kind]} all checked on {_count_days(listed)}" for kind, listed in days.items())


def _count_days(days: list[date | None]) -> str:
    """Return "2026-11-30 (3 lists), no day yet (1 list)", the newest day first."""
    counts = Counter(days)
    newest_first = sorted(counts, key=lambda day: day or date.min, reverse=True)
    texts = [f"{day.isoformat() if day else 'no day yet'} ({_lists(counts[day])})" for day in newest_first]
    return ", ".join(texts) or "no day yet"


def _lists(number: int) -> str:
    return "1 list" if number == 1 else f"{number} lists"
