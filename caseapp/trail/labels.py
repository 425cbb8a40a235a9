"""Labels of audit codes, and the kinds by which the page filters."""

from django.utils.translation import gettext_lazy as _

from caseapp.ui.display.finding_labels import FINDING_LABELS
from caseapp.ui.display.labels import Labels

ACTION_LABELS: Labels = {
    "case.open": _("Opened a case"),
    "case.change": _("Changed a case"),
    "case.correct": _("Corrected an entry of a case"),
    "case.undo": _("Took back a change of a case"),
    "case.create": _("Opened a new case"),
    "case.share": _("Shared a case, or ended it"),
    "case.wall": _("Moved a case to another group or restricted it"),
    "case.close": _("Closed a case"),
    "case.shred": _("Destroyed a case"),
    "client.text": _("Sent a text to a client"),
    "client.stop": _("Texts ended: a client answered STOP"),
    "client.reply": _("A client replied to a text"),
    "document.open": _("Viewed a document"),
    "document.download": _("Downloaded a document"),
    "document.add": _("Added a document"),
    "search": _("Searched"),
    "conflict": _("Looked for conflicts"),
    "conflict.ask": _("Sent a conflict check to the conflict officer"),
    "conflict.answer": _("Answered a conflict check"),
    "export": _("Exported"),
    "print": _("Printed"),
    "sign_in": _("Signed in"),
    "sign_in.failed": _("Unsuccessful sign-ins"),
    "sign_in.code": _("Signed in with the recovery code"),
    "unlock": _("Unlocked"),
    "lock": _("Locked"),
    "session.end": _("Ended a session"),
    "member.invite": _("Invited a person"),
    "member.admit": _("Approved a new member"),
    "member.role": _("Changed a role"),
    "member.remove": _("Removed a member"),
    "grant": _("Gave a member a key"),
    "group.create": _("Created a group"),
    "group.rotate": _("Created a group's next key"),
    "factor.add": _("Added a second factor"),
    "factor.remove": _("Removed a second factor"),
    "passphrase.change": _("Changed the passphrase"),
    "recovery.make": _("Created recovery sheets"),
    "recovery.test": _("Tested the recovery"),
    "recovery.use": _("Used the recovery"),
    "recovery.sheet": _("Showed their own recovery sheet"),
    "recovery.check": _("Checked their own recovery sheet"),
    "lockdown.begin": _("Locked the office down"),
    "lockdown.end": _("Lifted the lock-down"),
    "rules.confirm": _("Confirmed rules, or withdrew a confirmation"),
    "settings.change": _("Changed settings"),
    "job": _("The program went through cases"),
    "audit.open": _("Read this trail"),
    "unusual": _("Unusual opening"),
    "keys.refused": _("Refused keys or changes without an entitled signature"),
    "case.doubt": _("Found a case that is not in its newest known state"),
    "case.restore": _("Restored the newer state of a case"),
    "case.accept": _("Accepted the current state of a case"),
    "index.rebuild": _("Rebuilt the list of cases"),
    "directory.accept": _("Accepted an older list of people"),
}
REASON_LABELS: Labels = {
    "new keys": _("new keys after a member left"),
    "reminders go on": _("reminders of past dates"),
    "law changes": _("dates under a changed law"),
    "dates that a changed law would change": _("dates that a changed law would change"),
    "consistency watch": _("consistency check"),
    "conflict index": _("names written for the conflict officers"),
    "index rows": _("lists brought up to this version of the program"),
    "reminders": _("reminders compared with the cases"),
    "many cases within an hour": _("many cases within an hour"),
    "a marked case": _("a marked case"),
    "marked": _("marked"),
    "mark removed": _("mark removed"),
    "withdrawn": _("withdrawn"),
    "settings of a court": _("settings of a court"),
    "packs in use": _("packs in use"),
    "reading of a rule": _("chosen reading of a rule"),
    **FINDING_LABELS,
    "older": _("older than the state saved last"),
    "list_older": _("newer than its list"),
    "unlisted": _("on no list"),
    "missing": _("its file is missing"),
    "damaged": _("damaged"),
    "unreadable": _("does not open"),
    "office file": _("settings of the office"),
    "requested": _("requested by the person who runs the server"),
    "done": _("done"),
    "not compared": _("not compared with a list"),
}
# Codes of each kind, in the order of the filter. One that ends with a dot is a prefix.
CODES_BY_KIND = {
    "cases": ("case.", "unusual"),
    "papers": ("document.", "export", "print"),
    "searches": ("search", "conflict", "conflict."),
    "doors": ("sign_in", "sign_in.", "unlock", "lock", "session."),
    "people": ("member.", "grant", "group.", "factor.", "passphrase.", "recovery.", "keys."),
    "office": ("lockdown.", "rules.", "settings.", "job", "audit.", "unusual", "index.", "directory."),
}
KIND_LABELS: Labels = {
    "": _("Everything"),
    "cases": _("Cases"),
    "papers": _("Documents"),
    "searches": _("Searches"),
    "doors": _("Signing in"),
    "people": _("People and keys"),
    "office": _("Office"),
}


def is_of_kind(kind: str, what: str) -> bool:
    """Return True if an audit code is of a kind; every code is of the kind ""."""
    return not kind or any(
        what == code or (code.endswith(".") and what.startswith(code)) for code in CODES_BY_KIND[kind]
    )
