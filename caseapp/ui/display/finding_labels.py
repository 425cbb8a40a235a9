"""Labels of what members' programs refused, for the audit trail and the page of members."""

from django.utils.translation import gettext_lazy as _

from caseapp.ui.display.labels import Labels

FINDING_LABELS: Labels = {
    "grant.unreadable": _("a key that does not open"),
    "grant.giver": _("a key from someone who may not give it"),
    "grant.replaced": _("another key in place of one already held"),
    "grant.key": _("a key that the group's record does not name"),
    "grant.office": _("another office file or office root"),
    "chain.went back": _("an older record of a group"),
    "chain.refused": _("a change of a group by someone who may not change it"),
    "chain.damaged": _("a group's record that is missing or damaged"),
    "directory.went back": _("an older list of people"),
    "key.missing": _("the newest key of a group has not arrived"),
    "key.unknown": _("a key in use that the group's record does not name"),
    "case.shares": _("shares of a case that no member of its group signed"),
}
