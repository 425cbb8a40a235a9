"""Permission that each page needs: one row per URL name, checked by a test.

This module checks the role only. The access to a case is checked where the case is opened.
"""

from django.http import HttpRequest

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff

# Pages without sign-in: sign-in and set-up, health, invitation links, help pages without office data.
PUBLIC_PAGES = frozenset(
    {"healthz", "readyz", "setup", "login", "logout", "lock", "unlock", "unlock_passkey", "factor", "rescue"}
) | {"members:join", "recovery:lost", "recovery:back", "styleguide", "clients:hook"}

PAGE_ACTIONS: dict[str, str] = {
    **dict.fromkeys(
        ("recovery", "me", "cover", "here", "security", "app", "passkey", "remove_factor", "check", "passphrase",
         "end_device", "end_others", "members:waiting", "reminders:settings",
         "reminders:log"),
        "see_own",
    ),
    **dict.fromkeys(
        ("today:today", "cases:list", "search:search", "calendar:now", "calendar:agenda", "documents:start",
         "rules:every", "rules:one", "rules:changes", "rules:check", "deadlines:what_if"),
        "see_lists",
    ),
    **dict.fromkeys(("cases:case", "documents:document", "documents:file", "documents:download"), "open_case"),
    **dict.fromkeys(
        ("cases:change", "cases:note_new", "cases:note", "cases:person_new", "cases:person", "cases:task_new",
         "cases:notice_new", "cases:task_done", "cases:undo", "hearings:book", "hearings:hearing", "hearings:outcome",
         "deadlines:new", "deadlines:deadline", "deadlines:asylum_clock", "deadlines:asylum_stop", "documents:papers",
         "documents:remove"),
        "write_case",
    ),
    **dict.fromkeys(("clients:call", "clients:call_any", "clients:slip"), "call_client"),
    **dict.fromkeys(
        ("clients:consent", "clients:withdraw", "clients:send", "clients:send_all", "clients:settle"), "text_client"
    ),
    "clients:gateway": "client_gateway",
    "cases:new": "new_case",
    "cases:close": "close_case",
    **dict.fromkeys(("cases:shred", "cases:certificates", "cases:certificate"), "shred_case"),
    "members:access": "see_access",
    "audit:entries": "read_audit",
    "audit:of_case": "read_case_audit",
    "members:lockdown": "lock_down",
    "members:list": "see_people",
    "members:team_new": "make_team",
    "members:team": "make_team",
    "members:member": "see_people",
    "members:remove": "remove_member",
    "members:invite": "invite",
    "recovery:office": "set_up_recovery",
    "recovery:test": "set_up_recovery",
    "members:invitation": "invite",
    **dict.fromkeys(
        ("rules:new", "rules:new_order", "rules:new_rule", "rules:new_file", "rules:download", "rules:remove"),
        "office_rules",
    ),
    "rules:confirm": "confirm_rules",
}  # fmt: skip


def require_page_permission(request: HttpRequest, staff: Staff) -> None:
    """Raise NotFound if the member's role does not allow the page.

    A page without a row, such as help or an unknown URL, is allowed.
    """
    name = request.resolver_match.view_name if request.resolver_match else ""
    if action := PAGE_ACTIONS.get(name):
        permissions.require(staff, action)
