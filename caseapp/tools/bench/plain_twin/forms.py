"""Forms of the twin."""

from django import forms

KINDS = (("master", "Master calendar hearing"), ("individual", "Individual hearing (merits)"), ("bond", "Bond hearing"))
FORMATS = (("in_person", "In person"), ("video", "Video"), ("phone", "Telephone"))


class ClearSearchForm(forms.Form):
    """The search box."""

    text = forms.CharField(max_length=200)


class ClearNoteForm(forms.Form):
    """A note with its source."""

    text = forms.CharField(widget=forms.Textarea, max_length=50_000)
    source = forms.CharField(max_length=200, required=False)


class ClearHearingForm(forms.Form):
    """A hearing."""

    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect)
    on = forms.DateField()
    at = forms.TimeField()
    court = forms.CharField(max_length=200)
    room = forms.CharField(max_length=60, required=False)
    judge = forms.CharField(max_length=200, required=False)
    format = forms.ChoiceField(choices=FORMATS, widget=forms.RadioSelect)
    interpreter = forms.CharField(max_length=60, required=False)
    text = forms.CharField(widget=forms.Textarea, required=False, max_length=5_000)
