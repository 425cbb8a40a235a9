"""Forms of deadlines."""

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.web import words
from caseapp.web.cases.forms import LINE, long_text
from caseapp.web.fields import DateBoxes
from caseapp.web.saving import VersionedForm


class ByHandForm(forms.Form):
    """A date that no rule computes."""

    what = forms.CharField(label=gettext_lazy("What is due"), max_length=LINE)
    due_on = DateBoxes(label=gettext_lazy("Due on"), what=gettext_lazy("the day it is due"))
    severity = forms.ChoiceField(
        label=gettext_lazy("If it passes"), choices=words.choices(words.SEVERITIES), widget=forms.RadioSelect
    )
    reason = long_text(
        gettext_lazy("Where this date comes from"),
        required=True,
        help_text=gettext_lazy("For example the order or the notice, with its page."),
    )


class VersionForm(VersionedForm):
    """An act without words: done, checked, reopened."""


class WaiveForm(VersionedForm):
    """It no longer binds."""

    reason = long_text(gettext_lazy("Why it no longer binds, and who decided"), required=True)


class MoveForm(VersionedForm):
    """Our own date beside the computed one."""

    to = DateBoxes(
        label=gettext_lazy("Our own date"),
        what=gettext_lazy("our own date"),
        required=False,
        help_text=gettext_lazy("Leave it empty to go back to the computed date."),
    )
    target = DateBoxes(label=gettext_lazy("Our target"), what=gettext_lazy("our target"), required=False)
    reason = long_text(gettext_lazy("Why"))
