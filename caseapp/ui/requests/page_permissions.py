"""Permission that each page needs: one row per URL name, checked by a test.

This module checks the role only. The access to a case is checked where the case is opened.
"""

from django.http import HttpRequest

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff

# Pages without sign-in: sign-in and set-up, health, invitation links, help pages without office data.
PUBLIC_PAGES = frozenset(
    (
        "healthz",
        "readyz",
        "session",
        "styleguide",
        "clients:hook",
        "clients:hook_basic",
        *tuple(
            f"account:{name}"
            for name in (
                "setup",
                "setup_further",
                "login",
                "logout",
                "lock",
                "unlock",
                "unlock_passkey",
                "factor",
                "rescue",
                "draft_save",
                "join",
                "lost",
                "recover",
            )
        ),
    )
)

PAGE_ACTIONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "calendar:date_echo",
            "account:setup_factor",
            "account:recovery",
            "account:setup_mail",
            "account:me",
            "account:cover",
            "account:keep_active",
            "account:drafts",
            "account:draft_offers",
            "account:draft",
            "account:draft_discard",
            "account:security",
            "account:app",
            "account:passkey",
            "account:remove_factor",
            "account:check",
            "account:passphrase",
            "account:end_device",
            "account:end_others",
            "account:waiting",
            "account:reminders",
            "account:delivery_log",
            "team:recovery_sheet",
        ),
        "see_own",
    ),
    **dict.fromkeys(
        (
            "today:today",
            "today:section",
            "cases:list",
            "cases:view_save",
            "cases:view_remove",
            "search:search",
            "help:guide",
            "help:topic",
            "calendar:now",
            "calendar:agenda",
            "documents:start",
            "law:list",
            "law:rule",
            "law:settings",
            "deadlines:changes",
            "deadlines:check",
            "deadlines:what_if",
            "intake:queue",
            "intake:trees",
            "intake:tree",
        ),
        "see_lists",
    ),
    **dict.fromkeys(
        (
            "cases:case",
            "hearings:hearing",
            "documents:document",
            "documents:file",
            "documents:download",
            "intake:sent_letter",
        ),
        "open_case",
    ),
    **dict.fromkeys(
        (
            "cases:stage",
            "cases:change",
            "cases:note_new",
            "cases:note",
            "clients:person_new",
            "clients:person",
            "clients:custody",
            "clients:custody_step",
            "clients:date_new",
            "clients:date",
            "clients:date_remove",
            "clients:date_restore",
            "cases:task_new",
            "cases:selected",
            "cases:selected_reassign",
            "cases:selected_task",
            "cases:notice_new",
            "cases:notice",
            "cases:proceeding_new",
            "cases:proceeding",
            "clients:order_new",
            "clients:order",
            "cases:task_done",
            "cases:undo",
            "cases:changes",
            "cases:part",
            "hearings:book",
            "hearings:edit",
            "hearings:outcome",
            "deadlines:new",
            "deadlines:from_rule",
            "deadlines:deadline",
            "deadlines:filing",
            "deadlines:asylum_clock",
            "deadlines:asylum_stop",
            "documents:papers",
            "documents:remove",
            "documents:sort",
            "intake:safety",
            "intake:who",
            "intake:conflict",
            "intake:situation",
            "intake:screening",
            "intake:dates",
            "intake:decision",
            "intake:waiting",
            "intake:letter",
        ),
        "write_case",
    ),
    **dict.fromkeys(("clients:call", "clients:call_any", "clients:slip"), "call_client"),
    **dict.fromkeys(
        ("clients:consent", "clients:withdraw", "clients:send", "clients:send_all", "clients:settle"), "text_client"
    ),
    "clients:gateway": "client_gateway",
    **dict.fromkeys(("moving:export_case", "moving:hand_over"), "export_case"),
    **dict.fromkeys(
        (
            "moving:import_start",
            "moving:import_one",
            "moving:import_mapping",
            "moving:import_rows",
            "moving:import_rejected",
            "moving:import_plan",
            "moving:import_alike",
            "moving:import_run",
            "moving:import_undo",
            "moving:import_remove",
        ),
        "import_cases",
    ),
    **dict.fromkeys(("cases:new", "intake:new", "intake:hotline"), "new_case"),
    **dict.fromkeys(("moving:export_office", "moving:download_office"), "export_office"),
    "cases:close": "close_case",
    **dict.fromkeys(("cases:restore", "cases:uncompared"), "restore_case"),
    **dict.fromkeys(("cases:shred", "cases:certificates", "cases:certificate"), "shred_case"),
    "cases:access": "see_access",
    **dict.fromkeys(
        (
            "trail:entries",
            "trail:filter",
            "trail:of_member",
            "trail:entries_of_case",
            "trail:of_member_and_case",
            "trail:dismiss",
        ),
        "read_audit",
    ),
    **dict.fromkeys(("conflicts:list", "conflicts:ask", "conflicts:check", "conflicts:case"), "ask_conflict"),
    "trail:of_case": "read_case_audit",
    "team:directory": "remove_member",
    "team:lockdown": "lock_down",
    "team:office": "set_country",
    "team:list": "see_people",
    "team:team_new": "make_team",
    "team:team": "make_team",
    "team:member": "see_people",
    "team:remove": "remove_member",
    "team:invite": "invite",
    "team:recovery": "set_up_recovery",
    "team:recovery_test": "set_up_recovery",
    "team:invitation": "invite",
    **dict.fromkeys(
        ("law:new_closure", "law:new_order", "law:new_rule", "law:new_file", "law:download", "law:remove"),
        "office_rules",
    ),
    "law:confirm": "confirm_rules",
    "law:packs": "choose_packs",
    "law:court": "choose_positions",
    "law:position": "choose_positions",
}


def require_page_permission(request: HttpRequest, staff: Staff) -> None:
    """Raise NotFound if the member's role does not allow the page.

    A page without a row, such as help or an unknown URL, is allowed.
    """
    name = request.resolver_match.view_name if request.resolver_match else ""
    if action := PAGE_ACTIONS.get(name):
        permissions.require(staff, action)
