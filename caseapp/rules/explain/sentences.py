"""Every sentence of the engine by its code: the English message with named places, as the gettext catalogue has it.

A code is stored in records and never changes; neither do the names of its places. Its words may change here, together
with the catalogues in `caseapp/locale`; the former words move to FORMER. `rendering` fills the places.
"""

from collections.abc import Mapping

from caseapp.rules.terms.sentence import PACK_TEXT


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue and return it unchanged."""
    return message


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Mark a message with its plural for the catalogue and return both unchanged."""
    return singular, plural


_ = gettext_noop

STARTS = {
    "starts.event": _("%(event)s: %(day)s"),
    "starts.later_of": _("%(event)s: %(day)s, the later of %(dates)s"),
    "starts.earlier_of": _("%(event)s: %(day)s, the earlier of %(dates)s"),
    "starts.not_before": _("The period runs from %(day)s at the earliest"),
    "starts.printed": _("Date printed on the document: %(day)s"),
}
RULES = {
    "rule.counts": _("%(rule)s v%(version)s: %(count)s, the first day not counted. %(name)s"),
    "rule.window": _("%(rule)s v%(version)s: opens %(opens)s, closes %(closes)s. %(name)s"),
    "rule.hours": _("%(rule)s v%(version)s: %(count)s, from the minute. %(name)s"),
    "rule.at_once": _("%(rule)s v%(version)s: no fixed period, act at once. %(name)s"),
    "rule.printed": _("%(rule)s v%(version)s: the date printed on the document, never extended. %(name)s"),
}
POSITIONS = {
    "position.used": _("Position %(position)s, used here: %(text)s: %(day)s"),
    "position.argued": _("Position %(position)s, could also be argued: %(text)s: %(day)s"),
    "position.set_aside": _("Position %(position)s, set aside: another is accepted in this case: %(text)s: %(day)s"),
    "position.variant_used": _("Variant %(position)s, used here: %(text)s: %(day)s"),
}
COUNTS = {
    "count.days": _("%(first)s = day 1 ... %(last)s = day %(number)s"),
    "count.days_back": _("%(first)s = day 1 ... %(last)s = day %(number)s, counting back"),
    "count.day_one": _("%(day)s = day 1"),
    "count.day_one_back": _("%(day)s = day 1, counting back"),
    "count.after": _("%(amount)s after %(start)s is %(end)s"),
    "count.before": _("%(amount)s before %(start)s is %(end)s"),
    "count.hours": _("%(amount)s after %(start)s is %(end)s, through weekends and holidays"),
    "count.business_days": _("Day %(number)s (business days only) = %(day)s"),
    "count.plus": _("Plus %(amount)s: %(day)s"),
    "count.less": _("Less %(amount)s: %(day)s"),
    "count.plus_span": _("Plus %(amount)s from %(first)s to %(last)s: %(day)s"),
    "count.same_day": _("The day itself: %(day)s"),
    "count.fiscal_year": _("On 30 September of that year, the end of the federal fiscal year: %(day)s"),
    "count.skipped": _("Not counted: %(day)s, %(why)s"),
    "count.no_hour": _("No hour is known: counted from 00:00, the earliest possible"),
    "count.clock_change": _("The clock changes in between: the elapsed hours end before the same clock hour"),
}
ADDED_DAYS = {
    "opens.first_day": _("The first day is %(day)s; it is never extended for weekends"),
    "stop.added": _("The clock stops on %(stop)s and restarts on %(restart)s: %(amount)s added, to %(day)s"),
    "mail.none": _("Served by mail: this rule adds no days for it"),
    "mail.added": _("Served by mail: %(amount)s more, to %(day)s"),
    "franc.added": _("Délai franc: the last day does not count either, one day more: %(day)s"),
}
CLOSED_DAYS = {
    "moved.closed": _("%(day)s is a closed day (%(why)s); extends to %(next)s"),
    "not_moved.closed": _("%(day)s is a closed day (%(why)s); this rule does not extend"),
    "closure.without": _(
        "Without the closure the last day would be %(day)s: the internal deadline relies on no closure"
    ),
    "closure.without_safe": _(
        "Without the closure the last day would be %(day)s and the internal deadline %(safe)s: the internal "
        "deadline relies on no closure"
    ),
}
CAUTIONS = {
    "caution.open_day_before": _(
        "%(closed)s is a closed day (%(why)s): internal deadline on the open day before, %(day)s"
    ),
    "caution.shifted_holiday": _(
        "%(closed)s is closed only as %(why)s, which not every text counts: internal deadline %(day)s"
    ),
    "caution.skipped_holiday": _(
        "A holiday observed on another day was skipped, which not every text does: internal deadline %(day)s"
    ),
    "caution.before_closing": _("The last open day before the closing day: internal deadline %(day)s"),
    "caution.before_start": _("That is before the period starts: act at once, by %(day)s"),
    "caution.nothing_added": _("Neither added days nor a closed last day are relied on: internal deadline %(day)s"),
    "caution.mail_days": _("Days added for mail are not relied on: internal deadline %(day)s"),
    "caution.on_paper": _("Filed on paper, receipt counts, not mailing: two business days earlier, %(day)s"),
    "caution.position": _("Position %(position)s ends earlier: internal deadline %(day)s"),
    "caution.reading": _("%(text)s: internal deadline %(day)s"),
}
RESULTS = {
    "paper.earlier": _("The document itself says %(day)s, which is earlier and prevails"),
    "result.last_minute": _("Last day %(day)s"),
    "result.last_minute_act_by": _("Last day %(day)s; internal deadline %(act_by)s"),
    "result.last_day": _("Last day %(day)s, to the end of that day at the receiving office"),
    "result.last_day_act_by": _(
        "Last day %(day)s, to the end of that day at the receiving office; internal deadline %(act_by)s"
    ),
    "result.open_since": _("Open since %(day)s; file at once"),
    "result.opens_act_by": _("Opens %(day)s; no last day; internal deadline %(act_by)s"),
    "result.opens": _("Opens %(day)s; no last day"),
}
WARNINGS = {
    "warning.watch": _("Their time, not ours: it closes when the other side acts. When it ends, we may: %(then)s."),
    "warning.counted_from": _(
        "The event is before %(day)s: the period ran from that day and ended on %(last)s. Exceptions are for "
        "the attorney."
    ),
    "warning.before_texts": _(
        "The texts of this rule were read for events from %(day)s on. Check which text applied before."
    ),
    "warning.short_window": _("The window is very short: the internal deadline is before the first day."),
    "warning.closed_window": _("The window closes before it opens: no day satisfies both."),
    "warning.enter_printed": _(
        "The date printed on the document prevails when it is earlier: enter it if there is one."
    ),
    "warning.printed_unused": _("This rule only opens: a printed date is not used."),
    "warning.before_first_day": _("Before the first day the act is refused or too early."),
    "warning.rejected_before": _("An act before %(day)s is rejected."),
    "warning.unanswered": _("Not answered yet: %(question)s The earliest date that could fit is used until then."),
    "warning.birth_in_part": _(
        "The day of birth is not known: it is between %(first)s and %(last)s. The date counts from the "
        "earliest of them."
    ),
    "warning.at_once": _("No fixed period: file at once."),
    "warning.variant": _("%(text)s: compute %(rule)s."),
    "warning.position_needs_date": _("Position %(position)s is not computed: the date of %(events)s is not given."),
    "warning.event_unused": _("The date of %(event)s is not used by this rule."),
    "warning.position_elsewhere": _("The selected position %(position)s does not apply to this court and judge."),
    "warning.position_not_in_force": _(
        "The selected position %(position)s was not in force on that day: the earliest is used."
    ),
    "warning.clock_stopped": _(
        "The clock is stopped: this is the earliest day possible, and it is counted again when the clock restarts."
    ),
}
READINGS = {
    "reading.rule_itself": _("the rule itself"),
    "reading.order_of_judge": _("standing order, Judge %(judge)s, %(court)s: %(what)s"),
    "reading.order_of_court": _("standing order, %(court)s: %(what)s"),
    "other.without_closure": _("without the closure added by the office"),
    "other.no_such_day": _("the month has no such day: the period may be read to end one day later"),
    "other.printed": _("the date printed on the document"),
    "other.next_open_day": _("a closed last day extends to the next open day"),
}
DIFFERENCES = {
    "difference.version": _("Version: was %(was)s, is now %(now)s."),
    "difference.changed": _("%(step)s: was “%(was)s”, is now “%(now)s”."),
    "difference.gone": _("%(step)s, no longer: “%(was)s”."),
    "difference.new": _("%(step)s, new: “%(now)s”."),
    "difference.due_on": _("Last day: was %(was)s, would be %(would)s."),
    "difference.act_by": _("Internal deadline: was %(was)s, would be %(would)s."),
    "difference.opens_on": _("First day: was %(was)s, would be %(would)s."),
    "difference.impossible": _("It can no longer be computed: %(reason)s"),
    "difference.no_rule": _("No rule computes this date any more: %(reason)s"),
    "difference.own_working": _("The stored date is not the one that its own working gives."),
}
REFUSALS = {
    "refused.needs_date": _("Enter the date of %(events)s: this rule counts from it."),
    "refused.printed_only": _("This rule has no period of its own: enter the date that is printed on the document."),
    "refused.ended": _("This rule gives no date: the period ended on %(ended)s, before %(reached)s (%(event)s)."),
    "refused.no_date": _("Enter a date: this rule counts from one."),
    "refused.outside_years": _("A date here is before %(first)s or after %(last)s. Check the year."),
    "refused.wrong_order": _("%(last)s cannot be before %(first)s. Check both dates."),
    "refused.stop_backwards": _("A clock stop ends before it begins. Check both days."),
    "refused.not_in_force": _("This rule was not in force on that day."),
}
SENTENCES: Mapping[str, str] = {
    PACK_TEXT: "%(text)s",
    **STARTS,
    **RULES,
    **POSITIONS,
    **COUNTS,
    **ADDED_DAYS,
    **CLOSED_DAYS,
    **CAUTIONS,
    **RESULTS,
    **WARNINGS,
    **READINGS,
    **DIFFERENCES,
    **REFUSALS,
}
# Earlier English messages by code, so that workings stored with English text alone are still recognised. When a message
# above gets other words, the old ones come here.
FORMER: Mapping[str, tuple[str, ...]] = {
    "starts.printed": ("The date the paper gives: %(day)s",),
    "rule.printed": ("%(rule)s v%(version)s: the paper's own date, never moved. %(name)s",),
    "opens.first_day": ("The first day is %(day)s; it is never moved for weekends",),
    "moved.closed": ("%(day)s is closed (%(why)s): runs on to %(next)s",),
    "not_moved.closed": ("%(day)s is closed (%(why)s); this rule does not move it",),
    "closure.without": ("Without the closure the last day would be %(day)s: act_by relies on no closure",),
    "closure.without_safe": (
        "Without the closure the last day would be %(day)s, our safe day %(safe)s: act_by relies on no closure",
    ),
    "caution.open_day_before": ("%(closed)s is closed (%(why)s): act by the open day before, %(day)s",),
    "caution.shifted_holiday": ("%(closed)s is closed only as %(why)s, which not every text counts: act by %(day)s",),
    "caution.skipped_holiday": (
        "A holiday observed on another day was skipped, which not every text does: act by %(day)s",
    ),
    "caution.before_closing": ("The last open day before the closing day: act by %(day)s",),
    "caution.before_start": ("That lies before the clock even starts: act at once, by %(day)s",),
    "caution.nothing_added": ("Neither added days nor a closed last day are relied on: act by %(day)s",),
    "caution.mail_days": ("Days added for mail are not relied on: act by %(day)s",),
    "caution.on_paper": ("Filed on paper, receipt counts, not posting: two business days earlier, %(day)s",),
    "caution.position": ("Position %(position)s ends earlier: act by %(day)s",),
    "caution.reading": ("%(text)s: act by %(day)s",),
    "paper.earlier": ("The paper itself says %(day)s, which is earlier and prevails",),
    "result.last_minute_act_by": ("Last day %(day)s; act by %(act_by)s",),
    "result.last_day_act_by": ("Last day %(day)s, to the end of that day at the receiving office; act by %(act_by)s",),
    "result.opens_act_by": ("Opens %(day)s; no last day; act by %(act_by)s",),
    "warning.counted_from": (
        "The event lies before %(day)s: the period ran from that day and ended on %(last)s. "
        "Exceptions are for the attorney.",
    ),
    "warning.short_window": ("The window is very short: the safe day lies before the first day.",),
    "warning.closed_window": ("The window closes before it opens: no day fits both.",),
    "warning.enter_printed": ("The date printed on the paper prevails when it is earlier: enter it if there is one.",),
    "warning.birth_in_part": (
        "The day of birth is not known: it lies between %(first)s and %(last)s. "
        "The date counts from the earliest of them.",
    ),
    "warning.position_elsewhere": ("The selected position %(position)s does not speak about this court and judge.",),
    "warning.clock_stopped": (
        "The clock stands still: this is the earliest day possible, and it is counted anew when the clock restarts.",
    ),
    "other.printed": ("the date printed on the paper",),
    "other.next_open_day": ("a closed last day runs on to the next open day",),
    "difference.act_by": ("Act by: was %(was)s, would be %(would)s.",),
    "difference.own_working": ("The date that stands is not the one its own working gives.",),
    "refused.printed_only": ("This rule has no period of its own: enter the date that is printed on the paper.",),
    "refused.outside_years": ("A date here lies before %(first)s or after %(last)s. Check the year.",),
    "refused.wrong_order": ("%(last)s cannot lie before %(first)s. Check both dates.",),
}

# The words that values are made of.
AMOUNTS = {
    "d": ngettext_noop("%(number)s calendar day", "%(number)s calendar days"),
    "b": ngettext_noop("%(number)s business day", "%(number)s business days"),
    "m": ngettext_noop("%(number)s month", "%(number)s months"),
    "y": ngettext_noop("%(number)s year", "%(number)s years"),
    "h": ngettext_noop("%(number)s hour", "%(number)s hours"),
}
AFTER, BEFORE = _("%(amount)s after"), _("%(amount)s before")
PLUS, LESS = _("plus %(amount)s"), _("less %(amount)s")
PLUS_SPAN = _("plus the days from %(first)s to %(last)s")
SAME_DAY = _("on the day itself")
FISCAL_YEAR = _("on 30 September of that year")
BOTH, EITHER = _("%(first)s and %(second)s"), _("%(first)s or %(second)s")
LISTED_EVENT = _("%(event_name)s")  # in quotation marks where the language names events by their meaning
DATED_EVENT = _("%(event_name)s %(day)s")
NO_DAY = _("no date")
OBSERVED = _("%(holiday)s (observed)")
CLOSURE, CLOSURE_WITH_SOURCE = _("closure added by the office"), _("closure added by the office: %(source)s")
WEEKEND = (_("Saturday"), _("Sunday"))
# The names that the `holidays` library gives; a test looks through all years.
HOLIDAYS = (
    _("All Saints' Day"),
    _("Armistice Day"),
    _("Ascension Day"),
    _("Assumption Day"),
    _("Christmas Day"),
    _("Columbus Day"),
    _("Easter Monday"),
    _("Independence Day"),
    _("Juneteenth National Independence Day"),
    _("Labor Day"),
    _("Martin Luther King Jr. Day"),
    _("Memorial Day"),
    _("National Day"),
    _("New Year's Day"),
    _("Pentecost Monday"),
    _("Thanksgiving Day"),
    _("Veterans Day"),
    _("Victory Day"),
    _("Washington's Birthday"),
)
# Words of a page for the names of steps, which are stored.
STEP_NAMES = {
    "Starts": _("Starts"),
    "Paper": _("Document"),
    "Rule": _("Rule"),
    "Position": _("Position"),
    "Count": _("Count"),
    "Stop": _("Stop"),
    "Mail": _("Mail"),
    "Franc": _("Full days (délai franc)"),
    "Opens": _("Opens"),
    "Moved": _("Moved"),
    "Not moved": _("Not moved"),
    "Closure": _("Closure"),
    "Caution": _("Caution"),
    "Result": _("Result"),
}
# A rule's count in lists of rules.
OPENS_COUNT, READING_COUNT = _("opens %(count)s"), _("@%(reading)s: %(count)s")
MORE_BY_MAIL, AT_ONCE, OWN_DATE, FRANC = (
    _("%(number)s more by mail"),
    _("at once"),
    _("the date printed on the document"),
    _("franc"),
)
