"""Labels for the codes of an intake."""

from django.utils.translation import gettext_lazy as _

from caseapp.ui.display.labels import PARTY_ROLES, Labels

STEP_LABELS: Labels = {
    "safety": _("Safety"),
    "who": _("Who"),
    "conflict": _("Conflict check"),
    "situation": _("Situation"),
    "dates": _("Dates and documents"),
    "decision": _("Decision"),
}
STATE_LABELS: Labels = {
    "open": _("In work"),
    "waiting": _("Waiting list"),
    "provisional": _("Provisional"),
    "decided": _("Decided"),
}
PRIORITY_LABELS: Labels = {"urgent": _("Urgent"), "soon": _("Soon"), "ordinary": _("Ordinary")}
DECISION_LABELS: Labels = {
    "full": _("Full representation"),
    "limited": _("Limited scope"),
    "advice": _("Brief advice"),
    "refer": _("Refer"),
    "decline": _("Decline"),
}
CONFLICT_LABELS: Labels = {
    "not_asked": _("Not checked yet"),
    "waiting": _("Sent to the conflict officer"),
    "cleared": _("Cleared"),
    "waivable": _("Waivable with informed written consent"),
    "not_waivable": _("Not waivable"),
}
LETTER_WAY_LABELS: Labels = {
    "by_hand": _("Handed over"),
    "mail": _("By mail"),
    "mail_certified": _("By certified mail"),
}
LETTER_LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français")]
RELATIVE_ROLES: Labels = {code: PARTY_ROLES[code] for code in ("spouse", "child", "sponsor", "opposing", "other")}
