"""Labels for the codes in records. Each label is a whole string, translated when it is shown."""

from collections.abc import Iterable, Mapping, Set

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from caseapp import rules
from caseapp.records.case import RELIEF_OF_PACK, STAGES_OF_PACK
from caseapp.records.hearing import HEARING_KINDS_OF_PACK
from caseapp.rules.explain.sentences import STEP_NAMES

Labels = Mapping[str, str | Promise]
Choice = tuple[str, str | Promise]

STAGES: Labels = {
    "intake": _("Intake"),
    "advice": _("Advice"),
    "nta_not_filed": _("NTA not filed"),
    "uscis": _("Affirmative (USCIS)"),
    "in_court": _("In immigration court"),
    "master": _("Master"),
    "individual": _("Individual"),
    "decision_reserved": _("Decision reserved"),
    "on_appeal": _("BIA"),
    "petition_for_review": _("Petition for review"),
    "final_order": _("Final order"),
    "post_order": _("Post-order"),
    "admin_closed": _("Administratively closed"),
    "prefecture": _("Prefecture"),
    "administrative_court": _("Administrative court"),
    "ofpra": _("OFPRA"),
    "cnda": _("CNDA"),
    "closed": _("Closed"),
}
OPEN_STAGES: Labels = {code: label for code, label in STAGES.items() if code not in {"in_court", "closed"}}
FILING_MODES: Labels = {
    "electronic": _("Electronic filing"),
    "paper": _("On paper: the internal deadline is two business days earlier where a filing must be received"),
}
STAGE_QUESTIONS: Labels = {
    "granted": _("Relief was granted. Which stage is the case at now?"),
    "denied": _("A denial was recorded. Which stage is the case at now?"),
    "terminated": _("The proceedings were terminated. Which stage is the case at now?"),
    "final_order": _("An order that may be final was recorded. Which stage is the case at now?"),
    "other_decision": _("A decision was recorded. Which stage is the case at now?"),
}
CLOSE_CODES: Labels = {
    "granted": _("Granted"),
    "denied": _("Denied"),
    "advised": _("Advice given, nothing more to do"),
    "referred": _("Referred to another office"),
    "withdrew": _("Client withdrew"),
    "moved": _("Moved away"),
    "lost_contact": _("Contact was lost"),
    "died": _("The client died"),
    "other": _("Something else"),
}
RELIEF: Labels = {
    "asylum": _("Asylum"),
    "withholding": _("Withholding of removal"),
    "cat": _("Protection under CAT"),
    "cancellation": _("Cancellation of removal"),
    "sij": _("Special immigrant juvenile"),
    "u": _("U status"),
    "t": _("T status"),
    "vawa": _("VAWA"),
    "family": _("Family petition"),
    "tps": _("TPS"),
    "daca": _("DACA"),
    "other": _("Something else"),
}
PARTY_ROLES: Labels = {
    "lead": _("client"),
    "rider": _("in the same case"),
    "spouse": _("spouse"),
    "child": _("child"),
    "sponsor": _("sponsor"),
    "witness": _("witness"),
    "opposing": _("other side"),
    "caregiver": _("caregiver"),
    "obligor": _("bond payer"),
    "interpreter": _("interpreter"),
    "other": _("other person"),
}
SEXES: Labels = {"female": _("Female"), "male": _("Male"), "x": _("X (as some documents have it)")}
ENTRY_MANNERS: Labels = {
    "ewi": _("Without inspection (EWI)"),
    "admitted": _("Admitted with a visa or status"),
    "paroled": _("Paroled"),
    "visa_waiver": _("Visa waiver"),
    "other": _("In another way"),
    "unknown": _("Not known"),
}
YES_OR_NO: Labels = {"yes": _("Yes"), "no": _("No")}
SERVICE_METHODS: Labels = {
    "in_person": _("In person"),
    "mail": _("By mail"),
    "counsel": _("To the lawyer"),
    "unknown": _("Not known"),
}
PROCEEDING_STATES: Labels = {"open": _("Open"), "ended": _("Ended")}
FORUMS: Labels = {
    "immigration_court": _("Immigration court"),
    "bia": _("Board of Immigration Appeals (BIA)"),
    "circuit": _("Court of appeals"),
    "uscis": _("USCIS"),
    "district_court": _("District court"),
    "state_court": _("State court"),
}
DOCUMENT_KINDS: Labels = {
    "nta": _("Notice to Appear (NTA)"),
    "hearing_notice": _("Notice of Hearing"),
    "court_order": _("Decision or order"),
    "receipt": _("Receipt notice"),
    "request_for_evidence": _("Request for evidence or notice of intent"),
    "filing": _("Filing"),
    "proof": _("Proof of filing"),
    "identity": _("Identity or civil document"),
    "evidence": _("Evidence"),
    "translation": _("Translation"),
    "letter": _("Letter"),
    "other": _("Other"),
}
CONTACT_METHODS: Labels = {
    "phone": _("Phone"),
    "mail": _("E-mail"),
    "address": _("Address"),
    "other": _("Other"),
}
CONTACT_SAFETY: Labels = {
    "not_asked": _("Not asked yet"),
    "yes": _("Safe to use"),
    "no": _("Not safe, do not use"),
}
# Kinds of notices that are not in the catalogue of events.
NOTICE_KINDS: Labels = {"clock_stop": _("Stop of the asylum clock")}
# Labels of the codes in `rules.CLOCK_STOPS`; a test compares the two sets of codes.
CLOCK_STOPS: Labels = {
    "postponement_asked": _("The applicant requested another date"),
    "missed_interview": _("The applicant missed the interview or the hearing"),
    "missed_biometrics": _("The applicant missed biometrics"),
    "decision_not_collected": _("The applicant did not pick up the decision"),
    "no_interpreter": _("The applicant brought no interpreter to the interview"),
    "transfer_asked": _("The applicant requested another office or court"),
    "late_evidence": _("Late evidence postponed the interview"),
    "earlier_date_declined": _("The applicant declined an earlier date that was offered"),
    "time_to_find_counsel": _("Time to find a lawyer at the first hearing"),
    "denied_then_remanded": _("The case was denied and remanded on appeal"),
    "closed_by_agreement": _("The case was administratively closed"),
    "government_delay": _("The office or the court postponed the date"),
}
CLOCK_LINES: Labels = {
    "filed": _("Application received"),
    "stopped": _("Clock stopped"),
    "restarted": _("Clock restarted"),
    "day_150": _("Day 150: the EAD application (I-765) may be filed"),
    "day_180": _("Day 180: the EAD may be granted"),
    "today": _("Today"),
}
CLOCK_COUNTS: Labels = {
    "yes": _("stops the clock"),
    "no": _("does not stop the clock"),
    "unsettled": _("not settled: counted here as a stop"),
}
# As attorneys call them in lists; a kind that is not here has its full name.
SHORT_HEARING_KINDS: Labels = {"master": _("Master"), "individual": _("Individual")}
HEARING_KINDS: Labels = {
    "master": _("Master calendar hearing"),
    "individual": _("Individual hearing (merits)"),
    "bond": _("Bond hearing"),
    "credible_fear_review": _("Credible fear review"),
    "reasonable_fear_review": _("Reasonable fear review"),
    "uscis_interview": _("USCIS interview"),
    "asylum_interview": _("Asylum office interview"),
    "biometrics": _("Biometrics"),
    "ice_check_in": _("ICE check-in"),
    "administrative_court": _("Administrative court hearing"),
    "administrative_court_of_appeal": _("Administrative court of appeal hearing"),
    "conseil_etat": _("Conseil d'État hearing"),
    "cnda": _("CNDA hearing"),
    "detention_judge": _("Hearing before the detention judge"),
    "waiting_zone_judge": _("Hearing before the waiting zone judge"),
    "expulsion_commission": _("Expulsion commission hearing"),
    "prefecture": _("Prefecture appointment"),
    "ofpra": _("OFPRA appointment"),
    "appointment": _("Other appointment"),
    "other": _("Hearing of another type"),
}
HEARING_FORMATS: Labels = {"in_person": _("In person"), "video": _("Video (Webex)"), "phone": _("Telephone")}
OUTCOMES: Labels = {
    "reset": _("Not held: reset to a new date"),
    "decided": _("Decision"),
    "continued": _("Held: with or without a next date"),
    "not_held": _("Not held: no new date yet"),
    "absent": _("Respondent did not appear"),
}
DECISIONS: Labels = {
    "denied": _("Denied"),
    "asylum_granted": _("Asylum granted"),
    "relief_granted": _("Other relief granted"),
    "granted": _("Granted, relief not known yet"),
    "voluntary_departure": _("Voluntary departure, at the conclusion"),
    "voluntary_departure_before": _("Voluntary departure, before the conclusion"),
    "in_absentia": _("Ordered removed in absentia"),
    "bond_denied": _("Bond denied"),
    "bond_granted": _("Bond granted"),
    "terminated": _("Proceedings terminated"),
    "other": _("Other decision"),
}
# Decisions of a hearing under the law of France: no rule of its pack asks for more.
FRENCH_DECISIONS: Labels = {
    "denied": _("Denied"),
    "granted": _("Granted"),
    "other": _("Other decision"),
}
ABSENTIA_ANSWERS: Labels = {
    "yes": _("Yes"),
    "no": _("No"),
    "unknown": _("Not known yet: check ECAS and the 800 number today"),
}
CALL_RESULTS: Labels = {
    "reached": _("Reached: they know the day, the time and the place"),
    "no_answer": _("No answer"),
    "voicemail_not_left": _("Voicemail, no message left"),
    "wrong_number": _("Wrong number, or another person answered"),
}
ATTEMPT_RESULTS: Labels = {
    "reached": _("reached"),
    "no_answer": _("no answer"),
    "voicemail_not_left": _("voicemail, no message left"),
    "wrong_number": _("wrong number"),
    "handed_over": _("accepted by the text company"),
    "refused": _("rejected"),
    "sending": _("may have been sent"),
    "under_way": _("is being sent now"),
    "given": _("given to them"),
    "replied": _("they replied"),
}
ATTEMPT_METHODS: Labels = {
    "call": _("Call"),
    "text": _("Text message"),
    "print": _("Hearing reminder sheet"),
    "in_person": _("In person"),
    "mail": _("Mail"),
}
TEXT_DETAILS: Labels = {
    "plain": _("Without the date: the same words for every client"),
    "date_time": _("With date and time: anyone who sees the phone can read them"),
}
TEXT_LANGUAGES: Labels = {"en": "English", "es": "Español", "fr": "Français"}
CONSENT_METHODS: Labels = {
    "in_person": _("In person"),
    "phone": _("Telephone"),
    "on_paper": _("On paper, signed"),
}
CONSENT_STATES: Labels = {
    "stands": _("Agreed to texts"),
    "ended": _("Withdrawn"),
    "over": _("Over"),
}
WITHDRAWAL_REASONS: Labels = {
    "told_us": _("they asked us"),
    "answered_stop": _("they answered STOP"),
    "number_refused": _("the text company no longer accepts messages for this number"),
    "replaced": _("replaced by a newer one"),
}
SEVERITIES: Labels = {
    "fatal": _("Fatal (cannot be cured)"),
    "serious": _("Serious"),
    "routine": _("Routine"),
}
RULE_STATES: Labels = {
    "settled": _("Settled"),
    "flux": _("In dispute"),
    "manual": _("A person decides"),
}
COUNT_UNITS: Labels = {
    "d": _("calendar days"),
    "b": _("working days"),
    "m": _("months"),
    "y": _("years"),
    "h": _("hours"),
}
DIRECTIONS: Labels = {"+": _("After"), "-": _("Before")}
ROLLS: Labels = {
    "fwd": _("It extends to the next open day"),
    "none": _("It does not change"),
    "prev": _("It does not change, and the internal deadline is the open day before"),
}
WORKING_STEPS: Labels = {name: _(word) for name, word in STEP_NAMES.items()}


def stages_of(packs: Set[str]) -> Labels:
    """Return the stages of an open case that an office with these packs chooses among."""
    return _of_packs(OPEN_STAGES, STAGES_OF_PACK, packs)


def relief_of(packs: Set[str], keep: Iterable[str] = ()) -> Labels:
    """Return the relief that an office with these packs chooses among; `keep` stays in any case."""
    kept = {code: RELIEF.get(code, code) for code in keep}
    return {**_of_packs(RELIEF, RELIEF_OF_PACK, packs), **kept}


def hearing_kinds_of(packs: Set[str], keep: str = "") -> Labels:
    """Return the kinds of hearings that an office with these packs chooses among; `keep` stays in any case."""
    kept = {keep: HEARING_KINDS.get(keep, keep)} if keep else {}
    return {**_of_packs(HEARING_KINDS, HEARING_KINDS_OF_PACK, packs), **kept}


def _of_packs(labels: Labels, codes_of_pack: Mapping[str, Set[str]], packs: Set[str]) -> Labels:
    elsewhere = {code for codes in codes_of_pack.values() for code in codes}
    in_use = {code for pack, codes in codes_of_pack.items() if pack in packs for code in codes}
    return {code: label for code, label in labels.items() if code in in_use or code not in elsewhere}


def label_of(labels: Labels, code: str) -> str:
    """Return the label of a code; an unknown code (of another version of the program) is returned unchanged."""
    return str(labels.get(code, code))


def notice_label(what: str) -> str:
    """Return the name of a notice or event in the language of the page."""
    event = rules.catalogue().events.get(what)
    return event.label.in_language(get_language() or "en") if event else label_of(NOTICE_KINDS, what)


def optional_choices(labels: Labels) -> list[Choice]:
    """Return the pairs for a select whose first choice is that it was not asked."""
    return [("", CONTACT_SAFETY["not_asked"]), *labels.items()]


def choices_of(labels: Labels) -> list[Choice]:
    """Return (code, label) pairs for a select or radio buttons, in the order of the mapping."""
    return list(labels.items())
