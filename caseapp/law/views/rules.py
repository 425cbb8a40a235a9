"""Views to list, show and confirm rules."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.index import reader
from caseapp.index.lookup import facets
from caseapp.law import pages, services
from caseapp.lib.errors import NotFound, Refused
from caseapp.ui.display.colleagues import colleagues_of, names_of
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view

SHOWN = ("all", "open", "used", "flux", "manual")


@staff_view(methods=["GET"])
def list_rules(request: StaffRequest) -> HttpResponse:
    """List all rules. `?show=` is one of SHOWN, `?pack=` the id of a pack, `?page=` from 1."""
    return _render_list(request)


def _used_rules(staff: Staff) -> frozenset[str]:
    """Return the rules that deadlines of the open cases of this member's teams were computed with."""
    index = reader.open_readable_view(staff.keys, zone=staff.zone)
    return frozenset(value.normal for value in index.facet_values(facets.RULE))


def _parse_filters(request: StaffRequest, law: Law) -> tuple[str, str, int]:
    """Return the filters of the list: show, pack, page. Raises NotFound for a pack that is not in use."""
    show, pack, page = (request.GET.get(name, "") for name in ("show", "pack", "page"))
    if pack and pack not in office_law.packs_in_use(law.office):
        raise NotFound("no such pack")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return show if show in SHOWN else "all", pack, number


def _render_list(request: StaffRequest, refusal: str = "") -> HttpResponse:
    staff = request.staff
    law = office_law.law_of(staff.keys)
    show, pack, number = _parse_filters(request, law)
    names = names_of(colleagues_of(staff.keys))
    page = pages.rules_page(staff, law, names, _used_rules(staff), show=show, pack=pack, page=number)
    return render(request, "law/list.html", {"page": page, "refusal": refusal}, status=422 if refusal else 200)


@staff_view(methods=["GET"])
def show_rule(request: StaffRequest, rule_id: str) -> HttpResponse:
    """Show one rule of our packs with its sources."""
    staff = request.staff
    law = office_law.law_of(staff.keys)
    show = request.GET.get("queue", "")
    queue = pages.reading_queue(law, _used_rules(staff), rule_id, show) if show in SHOWN else None
    page = pages.rule_page(staff, law, names_of(colleagues_of(staff.keys)), rule_id, queue)
    if page is None:
        raise NotFound("no such rule")
    return render(request, "law/rule.html", {"page": page})


@staff_view(methods=["POST"])
def confirm_rules(request: StaffRequest) -> HttpResponse:
    """Confirm the text in `text`, "what digest" as it was read, or withdraw the confirmation in `take_back`.

    A rule is confirmed on its own page, an item of the office where its whole text is listed. In a queue the answer
    leads to the next rule that waits.
    """
    staff = request.staff
    if not office_law.is_supervising(staff):
        raise NotFound("only a supervising attorney confirms rules")
    take_back = request.POST.get("take_back", "")
    what, _space, digest = request.POST.get("text", "").partition(" ")
    try:
        if take_back:
            services.withdraw_confirmation(staff, take_back)
            return see_other(_return_url(request), "rules-changed")
        if not what:
            raise Refused("text", "Open a rule, read it, and confirm it on its page.")
        services.confirm_text(staff, what, digest)
    except Refused as exc:
        return _render_list(request, translate_refusal(exc))
    return see_other(_return_url(request), "rules-confirmed")


def _return_url(request: StaffRequest) -> str:
    """Return the URL of the form's page: the same part of the list, or the rule's own page."""
    rule_id, queue = request.POST.get("of", ""), request.POST.get("queue", "")
    ours = {rule.id for pack in rules.standard().packs for rule in pack.rules}
    if rule_id in ours and queue in SHOWN:
        law, used = office_law.law_of(request.staff.keys), _used_rules(request.staff)
        return pages.reading_queue(law, used, rule_id, queue).later or "/law/"
    if rule_id in ours:
        return f"/law/rules/{rule_id}/"
    return ("/law/" + pages.query_of(*_parse_filters(request, office_law.law_of(request.staff.keys)))).removesuffix("?")
