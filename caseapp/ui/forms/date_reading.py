"""Reading of a date field: the date, what is wrong with its parts, and what must be asked before it is saved.

The field, its echo in the page and the echo that scripts ask for all use `read_date`, so they never disagree.
"""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.lib import clock
from caseapp.lib.countries import FRANCE, UNITED_STATES
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text.calendar_words import WEEKDAYS, month_number, plain_letters
from caseapp.lib.text.digits import has_only_plain_digits
from caseapp.ui.display import date_texts, tags
from caseapp.ui.display.country import office_country
from caseapp.ui.forms.typed_dates import (
    TypedDate,
    UnreadableDate,
    build_date,
    parse_partial_date,
    parse_typed_date,
    parse_year,
)

# What a date is of: decides which dates are unlikely. A birth in part may lack its day or month.
EVENT, HEARING, BIRTH, BIRTH_IN_PART = "event", "hearing", "birth", "birth_in_part"
KINDS = ("", EVENT, HEARING, BIRTH, BIRTH_IN_PART)
DAYS_OF_A_YEAR = 365


@dataclass(frozen=True)
class DateParts:
    """The parts of a date field as they were posted.

    text    typed in one box: "11/5/2026", "today", "+30"
    seen    ISO date whose echo the page showed when it was sent
    sure    ISO date that the user ticked as right
    """

    day: str = ""
    month: str = ""
    year: str = ""
    text: str = ""
    seen: str = ""
    sure: str = ""

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was entered."""
        return not (self.day or self.month or self.year or self.text)

    @classmethod
    def of_date(cls, on: date | PartialDate | None) -> "DateParts":
        """Return the parts that show a stored date."""
        return cls(str(on.day or ""), str(on.month or ""), str(on.year)) if on else cls()


@dataclass(frozen=True)
class DateReading:
    """A readable date. `questions` are sentences that ask for a tick; `needs_echo`: it is shown before it is saved."""

    on: PartialDate
    questions: tuple[str, ...] = ()
    needs_echo: bool = False

    def is_confirmed(self, parts: DateParts) -> bool:
        """Return whether the page showed this date, and the user ticked it where a question was asked."""
        iso = str(self.on)
        return parts.sure == iso if self.questions else not self.needs_echo or iso in (parts.seen, parts.sure)


def read_date(parts: DateParts, *, kind: str, what: str | Promise, saved: PartialDate | None = None) -> DateReading:
    """Return the date of non-empty parts, with the questions it raises. Only a birth in part may lack its day or month.

    saved   the stored date of a form that changes it: the same date raises no question again
    Raises  ValidationError with a sentence that names the wrong part
    """
    today = current_date()
    try:
        partial = _read_partial(parts) if kind == BIRTH_IN_PART else None
        typed = None if partial else _read_parts(parts, today)
    except UnreadableDate as exc:
        raise forms.ValidationError(describe_problem(exc, what, parts), code=exc.code) from None
    on = PartialDate.of_date(typed.on) if typed else partial
    assert on is not None
    if on == saved:
        return DateReading(on)
    questions = (*(_order_questions(typed, parts) if typed else ()), *_unlikely_questions(on.earliest, kind, today))
    return DateReading(on, questions, typed is not None and typed.reading in ("in_order", "relative"))


def current_date() -> date:
    """Return today's date in the time zone of the page."""
    return clock.today(timezone.get_current_timezone_name())


def describe_date(on: PartialDate) -> str:
    """Return the echo of a date: `Thursday, November 5, 2026, 24 days ago`."""
    if on.exact is None:
        return date_texts.partial_date(on)
    # Translators: a date with its weekday, and its distance from today.
    return _("%(date)s, %(distance)s") % {
        "date": date_texts.long_date(on.exact),
        "distance": tags.distance_between(current_date(), on.exact),
    }


def _read_partial(parts: DateParts) -> PartialDate | None:
    """Return the year, or year and month, of parts without a day; None for others. Raises UnreadableDate."""
    if parts.text:
        partial = parse_partial_date(parts.text)
        listed = DateParts(parts.day, parts.month, parts.year)
        if partial and not listed.is_empty and (listed.day or _read_partial(listed) != partial):
            raise UnreadableDate("two_dates")
        return partial
    if parts.day or not parts.year:
        return None
    year = parse_year(parts.year)
    return PartialDate(year, build_date(year, _month_of(parts.month), 1).month if parts.month else None)


def _read_parts(parts: DateParts, today: date) -> TypedDate:
    """Return the date in the text box, else in the three parts. Raises UnreadableDate, also if both differ."""
    if not parts.text:
        return TypedDate(_read_lists(parts), "clear")
    typed = parse_typed_date(parts.text, country=office_country(), today=today)
    if parts.day or parts.month or parts.year:
        try:
            listed = _read_lists(parts)
        except UnreadableDate:
            raise UnreadableDate("two_dates") from None
        if listed != typed.on:
            raise UnreadableDate("two_dates")
    return typed


def _read_lists(parts: DateParts) -> date:
    if not parts.month:
        raise UnreadableDate("month_missing")
    if not parts.day:
        raise UnreadableDate("day_missing")
    year = parse_year(parts.year)
    if not has_only_plain_digits(parts.day):
        raise UnreadableDate("day_unknown", day=parts.day[:20])
    return build_date(year, _month_of(parts.month), int(parts.day[:4]))


def _month_of(text: str) -> int:
    """Return the month of the list, or of its name as another program sends it."""
    month = int(text[:4]) if has_only_plain_digits(text) else month_number(plain_letters(text).strip("."))
    if month is None:
        raise UnreadableDate("month_unknown", month=text[:20])
    return month


def _order_questions(typed: TypedDate, parts: DateParts) -> tuple[str, ...]:
    """Return the question about day and month, where the language of the page reads numbers in another order."""
    shown = date_texts.long_date(typed.on)
    if typed.reading == "other_order":
        wrong = typed.on.day
        return (_("There is no month %(month)s. Did you mean %(date)s?") % {"month": wrong, "date": shown},)
    page_order = UNITED_STATES if date_texts.page_language() == "en" else FRANCE
    if typed.reading != "in_order" or page_order == office_country():
        return ()
    if office_country() == UNITED_STATES:
        sentence = _("In the United States the month is first: %(typed)s is %(date)s. Is this right?")
    else:
        sentence = _("In France the day is first: %(typed)s is %(date)s. Is this right?")
    return (sentence % {"typed": parts.text, "date": shown},)


def _unlikely_questions(on: date, kind: str, today: date) -> tuple[str, ...]:
    questions = []
    if kind == EVENT and on > today:
        questions.append(_("This date is in the future. Is this right?"))
    if kind == EVENT and (today - on).days > DAYS_OF_A_YEAR:
        questions.append(_("This date is more than a year ago. Is this right?"))
    if kind in (BIRTH, BIRTH_IN_PART) and on > today:
        questions.append(_("The date of birth is after today. Is this right?"))
    if kind == HEARING:
        questions += _hearing_questions(on, today)
    return tuple(questions)


def _hearing_questions(on: date, today: date) -> list[str]:
    questions = []
    if on < today:
        questions.append(_("The hearing date is before today. If it took place, its outcome is next. Is this right?"))
    if on.weekday() >= 5:
        weekday = WEEKDAYS[date_texts.page_language()][on.weekday()]
        questions.append(_("This day is a %(weekday)s. Is this right?") % {"weekday": weekday})
    if name := rules.public_holiday(office_country(), on):
        sentence = (
            _("This day is a federal holiday (%(name)s). Is this right?")
            if office_country() == UNITED_STATES
            else _("This day is a public holiday (%(name)s). Is this right?")
        )
        questions.append(sentence % {"name": _(name)})
    return questions


def describe_problem(problem: UnreadableDate, what: str | Promise, parts: DateParts) -> str:
    """Return the sentence about the part that is wrong. `what` names the date: "the hearing date"."""
    values = dict(problem.values)
    language = date_texts.page_language()
    if "last" in values:
        month = date(int(values["year"]), int(values["month"]), 1)
        values["month_name"] = date_texts.month_and_year(month)
    if problem.code == "weekday":
        right = date(int(values["year"]), int(values["month"]), int(values["day"]))
        values["date"] = date_texts.date_without_weekday(right)
        values["right"] = WEEKDAYS[language][right.weekday()]
        values["wrong"] = WEEKDAYS[language][int(values["weekday"])]
    values["what"], values["typed"] = str(what), parts.text
    values["example"] = date_texts.date_without_weekday(date(2026, 12, 8))
    return _problem_sentence(problem.code) % values


def _problem_sentence(code: str) -> str:
    sentences = {
        "month_missing": _("Choose the month of %(what)s."),
        "day_missing": _("Enter the day of %(what)s."),
        "year_missing": _("Enter the year of %(what)s, with four digits."),
        "short_year": _("Enter the year with four digits, for example 2026, not %(year)s."),
        "no_year": _("The year %(year)s is not possible here. Enter a year from 1800 to 2199."),
        "no_month": _("There is no month %(month)s. Months go from 1 to 12."),
        "month_unknown": _("“%(month)s” is no month. Choose the month of %(what)s."),
        "day_unknown": _("“%(day)s” is no day of a month. Enter a number, for example 8."),
        "no_day": _("There is no day %(day)s in %(month_name)s: it has %(last)s days."),
        "weekday": _("%(date)s is a %(right)s, not a %(wrong)s. Check the weekday or the date."),
        "two_dates": _("“%(typed)s” and the list show two different dates. Clear one of them."),
    }
    return sentences.get(code, _("Enter %(what)s, for example %(example)s."))
