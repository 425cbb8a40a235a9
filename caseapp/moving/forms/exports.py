"""Forms of exports: how the archive is closed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys import word_list
from caseapp.lib.errors import Refused
from caseapp.moving.services.exporting import age
from caseapp.moving.services.exporting.approvals import REASON_LIMIT
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.secret_fields import SECRET_ATTRS
from caseapp.ui.forms.text_fields import long_text_field

PLAIN, PHRASE, RECIPIENT = "plain", "phrase", "recipient"


class ArchiveForm(forms.Form):
    """Choice of how an archive is encrypted. `words`: the six words that the page shows, if they are used."""

    closed_with = forms.ChoiceField(
        label=_("How is the file protected?"),
        choices=(
            (PHRASE, _("Encrypted with the six words on this page")),
            (RECIPIENT, _("Encrypted to a public key (age)")),
            (PLAIN, _("Not encrypted: anyone who has the file can read it")),
        ),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the file is protected.")},
    )
    recipient = forms.CharField(
        label=_("Public key"),
        help_text=_(
            "Only for the second choice. It begins with age1; the person who receives the file gives it to you."
        ),
        required=False,
        max_length=age.RECIPIENT_LIMIT,
        widget=forms.TextInput({**SECRET_ATTRS, "autocomplete": "off", "dir": "ltr"}),
    )
    words = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Check what the chosen way needs."""
        fields = super().clean() or {}
        chosen = fields.get("closed_with")
        if chosen == RECIPIENT:
            try:
                fields["recipient"] = age.check_recipient(fields.get("recipient", ""))
            except Refused as exc:
                self.add_error("recipient", translate_refusal(exc))
        if chosen == PHRASE and not is_shown_phrase(fields.get("words", "")):
            raise ValidationError(_("The six words of this page are missing. Open it again."))
        return fields


class ReasonForm(forms.Form):
    """Reason for an export of the office."""

    reason = long_text_field(
        _("Why the office is exported"),
        required=True,
        limit=REASON_LIMIT,
        help_text=_("All members of the office read it. Write no names of clients."),
        missing=_("Enter why the office is exported."),
    )


def is_shown_phrase(text: str) -> bool:
    """Return whether a phrase is one that `age.new_phrase` can have made."""
    chosen = text.split()
    return len(chosen) == word_list.WORD_COUNT and set(chosen) <= set(word_list.load_calm_words())
