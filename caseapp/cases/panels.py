"""The filters of the case list, and links to the list that pages of other rooms show.

An address of the list has codes and ids only. A court, a judge or a language is in it as an id that the member's
keys make (`vault.core.inboxes.list_views`).
"""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from caseapp.accounts.drafts.saved_views import SavedView
from caseapp.accounts.keys.staff import Keys
from caseapp.index.lookup import facets
from caseapp.index.view import IndexView
from caseapp.records.case import STAGES
from caseapp.vault.core.inboxes import list_views

SHOWN = ("mine", "team", "nodate", "detained", "new", "closed")
SORTS = ("ref", "name", "next", "hearing", "due", "last_contact")
TEXT_FILTERS = (facets.COURT, facets.JUDGE, facets.LANGUAGE)  # values that the address has as ids


@dataclass(frozen=True)
class CaseFilter:
    """Filter of the list. `court`, `judge`, `language` are normal forms of `lookup.facets`; empty: any."""

    show: str = "mine"
    sort: str = "next"
    stage: str = ""
    relief: str = ""
    court: str = ""
    judge: str = ""
    language: str = ""
    lead: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Return whether more than a tab is chosen."""
        return any((self.stage, self.relief, self.court, self.judge, self.language, self.lead))

    @property
    def facets(self) -> tuple[tuple[str, str], ...]:
        """Return the chosen values as `index.results.CaseConditions` takes them."""
        names = (*TEXT_FILTERS, facets.RELIEF)
        return tuple((name, getattr(self, name)) for name in names if getattr(self, name))


def read_filter(keys: Keys, index: IndexView, sent: QueryDict) -> CaseFilter:
    """Return the filter that an address or a form names. What is not known counts as not sent."""
    ids = ids_of_values(keys, index)
    lead = _member_of(sent.get("lead", ""))
    show = _known(sent.get("show", ""), SHOWN) or "mine"
    return CaseFilter(
        show="team" if lead and show == "mine" else show,  # the cases of one lead, also of a colleague
        sort=_known(sent.get("sort", ""), SORTS) or "next",
        stage=_known(sent.get("stage", ""), STAGES),
        relief=_known(sent.get("relief", ""), {value.normal for value in index.facet_values(facets.RELIEF)}),
        lead=lead,
        **{kind: ids[kind].get(sent.get(kind, ""), "") for kind in TEXT_FILTERS},
    )


def ids_of_values(keys: Keys, index: IndexView) -> dict[str, dict[str, str]]:
    """Return the normal form of each court, judge and language by its id, by kind."""
    key = list_views.derive_ids_key(keys.bundle_key)
    return {
        kind: {list_views.filter_id_of(key, kind, value.normal): value.normal for value in index.facet_values(kind)}
        for kind in TEXT_FILTERS
    }


def filter_fields(keys: Keys, chosen: CaseFilter) -> dict[str, str]:
    """Return the filter as fields of an address or a form: codes and ids, without what is not chosen."""
    key = list_views.derive_ids_key(keys.bundle_key)
    fields = {name: str(value) for name, value in asdict(chosen).items() if value}
    return {
        name: list_views.filter_id_of(key, name, value) if name in TEXT_FILTERS else value
        for name, value in fields.items()
    }


def list_path(keys: Keys, chosen: CaseFilter, *, page: int = 1) -> str:
    """Return the address of the case list with a filter."""
    fields = filter_fields(keys, chosen) | ({"page": str(page)} if page > 1 else {})
    return f"{reverse('cases:list')}?{urlencode(fields)}"


def filter_of_view(view: SavedView) -> CaseFilter:
    """Return the filter of a saved view."""
    return CaseFilter(
        show=view.show or "mine",
        sort=view.sort or "next",
        stage=view.stage,
        relief=view.relief,
        court=view.court,
        judge=view.judge,
        language=view.language,
        lead=view.lead,
    )


def _known(text: str, codes: "tuple[str, ...] | set[str]") -> str:
    return text if text in codes else ""


def _member_of(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
