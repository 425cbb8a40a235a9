"""Forms of the end of a case: close, reopen, legal hold, destruction."""

from collections.abc import Set
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.cases.services.closing import REASON_LIMIT
from caseapp.ui.display import labels
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.secret_fields import SECRET_ATTRS
from caseapp.ui.forms.text_fields import long_text_field


class CloseForm(VersionedForm):
    """Reason for closing the case, and the day until which it is kept."""

    code = forms.ChoiceField(
        label=gettext_lazy("How did it end?"),
        choices=labels.choices_of(labels.CLOSE_CODES),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how the case ended.")},
    )
    retain_until = DateBoxes(
        label=gettext_lazy("Keep it until"),
        what=gettext_lazy("the day until which it is kept"),
        help_text=gettext_lazy(
            "The last day. Your office decides how long; rules of the bar and of funders may ask for years."
        ),
    )


class ReopenForm(VersionedForm):
    """Stage of the reopened case."""

    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        error_messages={"required": gettext_lazy("Choose a stage.")},
    )

    def __init__(self, *args: Any, packs: Set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext_lazy("Choose")), *labels.choices_of(labels.stages_of(packs))]


class HoldForm(forms.Form):
    """Reason for a legal hold."""

    reason = long_text_field(
        gettext_lazy("Why it must be kept"),
        required=True,
        limit=REASON_LIMIT,
        missing=gettext_lazy("Enter why it must be kept."),
    )


class ShredForm(forms.Form):
    """Typed reference of the case to destroy, and the reason."""

    typed_ref = forms.CharField(
        label=gettext_lazy("Type the reference of the case"),
        help_text=gettext_lazy("The five characters at the top of this page. This cannot be undone."),
        max_length=20,
        widget=forms.TextInput({**SECRET_ATTRS, "autocomplete": "off", "dir": "ltr"}),
        error_messages={"required": gettext_lazy("Type the reference of the case, as at the top of this page.")},
    )
    reason = long_text_field(
        gettext_lazy("Why it is destroyed"),
        required=True,
        limit=REASON_LIMIT,
        help_text=gettext_lazy("It is printed on the certificate, which is kept. Write no names."),
        missing=gettext_lazy("Enter why it is destroyed."),
    )
