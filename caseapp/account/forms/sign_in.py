"""Forms of set-up, sign-in and profile. They allow paste and password managers."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.signin.office_codes import MAX_LENGTH
from caseapp.ui.display.country import COUNTRY_CHOICES
from caseapp.ui.forms.secret_fields import SECRET_ATTRS, PassphraseField
from caseapp.ui.forms.zones import ZoneField

THEMES = (("auto", _("Same as the device")), ("light", _("Light")), ("dark", _("Dark")))


class SetupCodeForm(forms.Form):
    """Form for the set-up code, filled by a script from the link's fragment or typed."""

    code = forms.CharField(
        label=_("Set-up code"),
        help_text=_("Spaces, dashes and capital letters do not matter."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Enter the set-up code: all that follows the # sign of the link.")},
    )


class LinkCodeForm(forms.Form):
    """Form for the code of a mailed link, filled by a script from the link's fragment or pasted."""

    code = forms.CharField(
        label=_("Code of the link"),
        help_text=_("All that follows the # sign."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Enter the code of the link: all that follows the # sign.")},
    )


class RecoveryCodeForm(forms.Form):
    """Form for the recovery code, typed back from the sheet."""

    typed = forms.CharField(
        label=_("Type the code from the sheet"),
        help_text=_("Spaces, dashes and small letters do not matter."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Type the code from the sheet.")},
    )


class OfficeCodeForm(forms.Form):
    """Form for the code of an office that shares its server with others. Most offices have none."""

    office_code = forms.CharField(
        label=_("Office code"),
        help_text=_("Only if your office has one, for example k7mq-2x9d."),
        required=False,
        max_length=MAX_LENGTH,
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr", **SECRET_ATTRS}),
    )


class SignInForm(OfficeCodeForm):
    """Form for e-mail and passphrase."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", **SECRET_ATTRS}),
        error_messages={"required": _("Enter your e-mail address.")},
    )
    passphrase = PassphraseField(
        label=_("Passphrase"),
        help_text=_("Lost it? Type the recovery code from your sheet here instead."),
        autocomplete="current-password",
        error_messages={"required": _("Enter your passphrase.")},
    )


class UnlockForm(forms.Form):
    """Form for the passphrase that unlocks a session."""

    passphrase = PassphraseField(
        label=_("Passphrase"),
        autocomplete="current-password",
        error_messages={"required": _("Enter your passphrase.")},
    )


class ProfileForm(forms.Form):
    """Form for the language, the colors and the time zone of a member."""

    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, error_messages={"required": _("Choose a language.")}
    )
    theme = forms.ChoiceField(
        label=_("Colors"),
        choices=THEMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the colors.")},
    )
    shown_country = forms.ChoiceField(
        label=_("How dates and times are shown"),
        choices=(("", _("Same as the office")), *COUNTRY_CHOICES),
        required=False,
        help_text=_("Only shown: dates are always entered in the order of the office."),
    )
    zone = ZoneField(
        label=_("Your time zone"),
        help_text=_("Times are shown in this zone."),
        error_messages={"required": _("Choose your time zone.")},
    )
    letter_keys = forms.BooleanField(
        label=_("Use single letters as keys"),
        required=False,
        help_text=_("For example N for a note on the page of a case. Help lists the keys. Never while you type."),
    )
