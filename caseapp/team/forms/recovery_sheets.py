"""Forms of the office's recovery sheets."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.records import Person
from caseapp.accounts.recovery.dealing import HolderChoice
from caseapp.accounts.recovery.office import offered_schemes
from caseapp.ui.forms.secret_fields import SECRET_ATTRS

SCHEME_LABELS: dict[tuple[int, int], str | Promise] = {
    (2, 3): _("3 holders, any 2 open it"),
    (3, 5): _("5 holders, any 3 open it"),
    (2, 2): _("2 holders, both are needed"),
}
NAME_LENGTH = 80  # characters of a name on an envelope


class SheetSetForm(forms.Form):
    """Form for the holders of a new set of sheets.

    In an office of one they are people outside; in an office of two both members; otherwise members are chosen.
    """

    scheme = forms.ChoiceField(
        label=_("Holders"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how many people keep a sheet.")},
    )
    holders = forms.MultipleChoiceField(
        label=_("Holders of the sheets"),
        error_messages={"required": _("Choose the people who keep a sheet.")},
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each of them shows, prints and checks their own sheet, in their own session."),
    )
    names = forms.CharField(
        label=_("Names for the envelopes, one on each line"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
        help_text=_("For example two people of your board and a lawyer of another office."),
    )
    keep_one = forms.BooleanField(label=_("I keep one of the sheets myself"), required=False)

    def __init__(self, *args: object, active: Sequence[Person], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they are
        self.active = active
        schemes = offered_schemes(len(active))
        options = [(f"{needed}-{total}", SCHEME_LABELS[needed, total]) for needed, total in schemes]
        self.fields["scheme"].choices = options  # type: ignore[attr-defined]  # a ChoiceField
        self.initial.setdefault("scheme", options[0][0])
        if len(active) < 3:
            del self.fields["holders"]
        else:
            self.fields["holders"].choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
                (str(person.member_id), person.name) for person in active
            ]
        if len(active) > 1:
            del self.fields["names"], self.fields["keep_one"]

    def clean(self) -> None:
        """Check that as many holders were given as the set has sheets."""
        if "scheme" not in self.cleaned_data:
            return
        _needed, total = self.chosen_scheme()
        if "holders" in self.cleaned_data and len(self.cleaned_data["holders"]) != total:
            self.add_error("holders", ValidationError(gettext("Choose exactly %(total)d people.") % {"total": total}))
        if len(self._names()) > total:
            self.add_error("names", ValidationError(gettext("There are more names than sheets.")))
        if any(len(name) > NAME_LENGTH for name in self._names()):
            self.add_error("names", ValidationError(gettext("A name has at most 80 characters.")))

    def chosen_scheme(self) -> tuple[int, int]:
        """Return (sheets needed to open, sheets in the set)."""
        needed, total = self.cleaned_data["scheme"].split("-")
        return int(needed), int(total)

    def chosen_holders(self) -> tuple[HolderChoice, ...]:
        """Return the holders, one for each sheet."""
        _needed, total = self.chosen_scheme()
        if "holders" in self.fields:
            return tuple(HolderChoice(UUID(member)) for member in self.cleaned_data["holders"])
        if len(self.active) > 1:
            return tuple(HolderChoice(person.member_id) for person in self.active)
        own = 1 if self.cleaned_data["keep_one"] else 0
        me, names = self.active[0].member_id, [*self._names(), *[""] * total]
        return (HolderChoice(me),) * own + tuple(
            HolderChoice(me, is_outside=True, outside=name) for name in names[: total - own]
        )

    def _names(self) -> list[str]:
        lines = self.cleaned_data.get("names", "").splitlines()
        return [name for line in lines if (name := " ".join(line.split()))]


class SheetForm(forms.Form):
    """Form with the id of one of the member's own sheets."""

    sheet = forms.UUIDField(widget=forms.HiddenInput)


class SheetCheckForm(SheetForm):
    """Form for the words of a sheet, typed from the paper. What was typed is kept when it does not fit."""

    words = forms.CharField(
        label=_("Type the 33 words of the printed sheet"),
        help_text=_("With a space between them. Their numbers can be left out."),
        max_length=600,
        widget=forms.Textarea({**SECRET_ATTRS, "rows": 6, "autocomplete": "off", "lang": "en", "translate": "no"}),
        error_messages={"required": _("Type the words of your sheet.")},
    )


class RecoveryTestForm(forms.Form):
    """Form for the code that the test command printed."""

    code = forms.CharField(
        label=_("Code of the test"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "class": "short", **SECRET_ATTRS}),
        error_messages={"required": _("Type the code that the test printed.")},
    )
