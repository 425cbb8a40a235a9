"""Forms of the reminder settings."""

from datetime import time
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.reminders.choices import ADDRESS_LIMIT, DEFAULT_QUIET_HOURS
from caseapp.ui.display import date_texts
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.zones import ZoneField

PLAIN_TEXT_ATTRS = {"autocomplete": "off", "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
LEVELS = (
    ("normal", gettext_lazy("Normal: on days with items, and on some other days")),
    ("constant", gettext_lazy("Constant: on every working day")),
)


class ReminderEmailForm(forms.Form):
    """Form for the e-mail address that receives the reminders."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail for reminders"),
        help_text=gettext_lazy("You still sign in with the address you have. Messages never say what they are about."),
        max_length=254,
        widget=forms.EmailInput(PLAIN_TEXT_ATTRS),
        error_messages={
            "required": gettext_lazy("Enter your e-mail address."),
            "invalid": gettext_lazy("Enter an e-mail address, for example ana@example.org."),
        },
    )


class AddGatewayForm(forms.Form):
    """Form for a further address, written as the library `apprise` expects it."""

    address = forms.CharField(
        label=gettext_lazy("Address of a text message, Signal, Matrix or push service"),
        help_text=gettext_lazy(
            "For example twilio://… for text messages, signal://…, matrixs://… or ntfys://… Your admin knows "
            "it. It contains a secret and is shown only in part from now on."
        ),
        max_length=ADDRESS_LIMIT,
        widget=forms.TextInput(PLAIN_TEXT_ATTRS),
        error_messages={"required": gettext_lazy("Enter the address.")},
    )


class ChosenAddressForm(forms.Form):
    """Form that names one address by its position, together with the text the page showed for it."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=9)
    shown = forms.CharField(widget=forms.HiddenInput, max_length=ADDRESS_LIMIT)


class MessageHoursForm(forms.Form):
    """Form for the language, the time zone, the quiet hours and the digest day of the messages."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of the messages"),
        choices=settings.LANGUAGES,
        error_messages={"required": gettext_lazy("Choose the language of the messages.")},
    )
    zone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("The daily message is sent after 7:00 in this time zone."),
        error_messages={"required": gettext_lazy("Choose your time zone.")},
    )
    is_quiet = forms.BooleanField(
        label=gettext_lazy("Quiet hours"),
        required=False,
        help_text=gettext_lazy("Only urgent messages are sent then, and none before 7:00."),
    )
    quiet_from = forms.ChoiceField(
        label=gettext_lazy("Quiet from"),
        error_messages={"required": gettext_lazy("Choose the hour at which quiet hours begin.")},
    )
    quiet_to = forms.ChoiceField(
        label=gettext_lazy("Quiet until"),
        error_messages={"required": gettext_lazy("Choose the hour at which quiet hours end.")},
    )
    digest = forms.ChoiceField(
        label=gettext_lazy("Fewer messages"),
        required=False,
        help_text=gettext_lazy(
            "A message is always sent on the chosen day. On other days, only what is urgent or has waited for two days."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = [(str(hour * 60), date_texts.clock_text(time(hour))) for hour in range(24)]
        weekdays = [(str(number), WEEKDAYS[number]) for number in range(5)]
        choices: dict[str, Any] = {
            "quiet_from": hours,
            "quiet_to": hours,
            "digest": [("", _("No: a message for each day")), *weekdays],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def message_hours(self) -> dict[str, Any]:
        """Return the keyword arguments that set the message hours: language, zone, quiet, digest.

        quiet     from and to in minutes of the day, or None without quiet hours
        digest    weekday, Monday is 0, or None without a digest
        """
        clean = self.cleaned_data
        quiet = (int(clean["quiet_from"]), int(clean["quiet_to"])) if clean["is_quiet"] else None
        digest = int(clean["digest"]) if clean["digest"] else None
        return {"language": clean["language"], "zone": clean["zone"], "quiet": quiet, "digest": digest}

    @staticmethod
    def initial_of(language: str, zone: str, quiet: tuple[int, int] | None, digest: int | None) -> dict[str, Any]:
        """Return the initial values of the form for stored settings, in the units of the stored settings."""
        begins, ends = quiet or DEFAULT_QUIET_HOURS
        return {
            "language": language,
            "zone": zone,
            "is_quiet": quiet is not None,
            "quiet_from": str(begins),
            "quiet_to": str(ends),
            "digest": "" if digest is None else str(digest),
        }


class AbsenceForm(forms.Form):
    """Form for the days on which a colleague receives the reminders. `colleagues` are (id, name)."""

    first = DateBoxes(label=gettext_lazy("First day away"), what=gettext_lazy("the first day away"))
    last = DateBoxes(label=gettext_lazy("Last day away"), what=gettext_lazy("the last day away"))
    stand_in = forms.ChoiceField(
        label=gettext_lazy("Who is notified in your place"),
        error_messages={"required": gettext_lazy("Choose who is notified in your place.")},
    )

    def __init__(self, *args: Any, colleagues: tuple[tuple[str, str], ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stand_in"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a colleague")), *colleagues]

    def clean_stand_in(self) -> UUID:
        """Return the colleague's id."""
        return UUID(self.cleaned_data["stand_in"])

    def absence_period(self) -> dict[str, Any]:
        """Return the keyword arguments that record an absence: first, last, stand_in."""
        return {name: self.cleaned_data[name] for name in ("first", "last", "stand_in")}


class MessageLevelForm(forms.Form):
    """Form for the days on which messages go out.

    At "normal" an observer of the mail can see on which days a member has items; "constant" hides that pattern.
    """

    level = forms.ChoiceField(
        label=gettext_lazy("On which days messages go out"),
        choices=LEVELS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose on which days messages are sent.")},
    )
