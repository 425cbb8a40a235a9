"""Form of the decision about a case that is not in its newest known state."""

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.casefile.restoration import REASON_LIMIT
from caseapp.ui.forms.text_fields import long_text_field


class DecisionForm(forms.Form):
    """Reason for the decision."""

    reason = long_text_field(
        gettext_lazy("Why you decide this"),
        required=True,
        limit=REASON_LIMIT,
        help_text=gettext_lazy("The audit trail keeps it. Write no names."),
        missing=gettext_lazy("Enter why you decide this."),
    )
