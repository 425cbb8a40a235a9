"""Forms for a member's own passphrase and second factors. They allow paste and password managers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys.word_list import normalize_passphrase
from caseapp.ui.forms.secret_fields import SECRET_ATTRS, PassphraseField

CODE_LIMIT = 40
ANSWER_LIMIT = 20_000  # characters in a browser's passkey answer


def app_code_field(**kwargs: Any) -> forms.CharField:
    """Return a form field for the six digits of an authenticator app."""
    attrs = {**SECRET_ATTRS, "autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"}
    return forms.CharField(
        label=_("Code from your app"), max_length=CODE_LIMIT, widget=forms.TextInput(attrs), **kwargs
    )


def passkey_answer_field() -> forms.CharField:
    """Return a hidden field for the browser's passkey answer; the page's script fills it in."""
    return forms.CharField(required=False, max_length=ANSWER_LIMIT, widget=forms.HiddenInput({"data-answer": ""}))


class SecondFactorForm(forms.Form):
    """Form that takes an authenticator code or a passkey answer."""

    code = app_code_field(required=False, help_text=_("Six digits. Each code counts once."))
    proof = passkey_answer_field()

    def __init__(self, *args: Any, has_app: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_app:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """Require a code or a passkey answer."""
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("code") or cleaned.get("proof")):
            field = "code" if "code" in self.fields else None
            self.add_error(field, ValidationError(_("Type a code of your authenticator app, or use a passkey.")))
        return cleaned


class ReauthenticationForm(SecondFactorForm):
    """Form that asks again for the passphrase, and for the second factor of a member who has one."""

    passphrase = PassphraseField(
        label=_("Passphrase"),
        autocomplete="current-password",
        error_messages={"required": _("Enter your passphrase.")},
    )
    field_order = ("passphrase", "code", "proof")

    def __init__(self, *args: Any, has_factor: bool, has_app: bool, **kwargs: Any) -> None:
        super().__init__(*args, has_app=has_app, **kwargs)
        self.has_factor = has_factor

    def clean(self) -> dict[str, Any]:
        """Accept the passphrase alone if the member has no second factor."""
        return super().clean() if self.has_factor else (self.cleaned_data or {})


class AuthenticatorAppForm(forms.Form):
    """Form that adds an authenticator app: a name, and a code that proves the app has the secret."""

    name = forms.CharField(
        label=_("Name of the device"), required=False, max_length=60, help_text=_("For example: my phone.")
    )
    code = app_code_field(error_messages={"required": _("Type the six digits that the app shows.")})
    proof = forms.CharField(max_length=60, widget=forms.HiddenInput)


class PasskeyForm(forms.Form):
    """Form that adds a passkey."""

    name = forms.CharField(
        label=_("Name of the device"), required=False, max_length=60, help_text=_("For example: my phone.")
    )
    proof = forms.CharField(
        max_length=ANSWER_LIMIT,
        widget=forms.HiddenInput({"data-answer": ""}),
        error_messages={"required": _("The browser sent no passkey. Press the button again.")},
    )


class SetUpAppForm(AuthenticatorAppForm):
    """The same form in the set-up, where the app needs no name."""

    name = None  # type: ignore[assignment]  # Django's way to leave out a field of the base form


class SetUpPasskeyForm(forms.Form):
    """Form that adds a passkey in the set-up, next to the form of the app."""

    answer = forms.CharField(
        max_length=ANSWER_LIMIT,
        widget=forms.HiddenInput({"data-answer": ""}),
        error_messages={"required": _("The browser sent no passkey. Press the button again.")},
    )


class NewPassphraseForm(forms.Form):
    """Form for a new passphrase, typed twice, and the new recovery code, typed back."""

    words = PassphraseField(
        label=_("New passphrase"),
        help_text=_("The six words above, or a sentence of your own with at least 15 characters."),
        autocomplete="new-password",
        error_messages={"required": _("Type the new passphrase.")},
    )
    again = PassphraseField(
        label=_("New passphrase, once more"),
        autocomplete="new-password",
        error_messages={"required": _("Type the new passphrase once more.")},
    )
    typed = forms.CharField(
        label=_("Type the new recovery code from your sheet"),
        help_text=_("Spaces, dashes and small letters do not matter."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={"required": _("Type the code from the sheet.")},
    )

    def clean(self) -> dict[str, Any]:
        """Require the same passphrase in both fields."""
        cleaned = super().clean() or {}
        first, second = cleaned.get("words"), cleaned.get("again")
        if first and second and normalize_passphrase(first) != normalize_passphrase(second):
            self.add_error("again", ValidationError(_("The two are not the same. Type both again.")))
        return cleaned


class ChangePassphraseForm(NewPassphraseForm):
    """Form for a new passphrase of a member who is signed in: it also asks for the current passphrase."""

    passphrase = PassphraseField(
        label=_("Your passphrase now"),
        autocomplete="current-password",
        error_messages={"required": _("Enter your passphrase.")},
    )
    field_order = ("passphrase", "words", "again", "typed")
