"""Forms of an import."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.team_members import Colleague
from caseapp.moving.panels import import_lines
from caseapp.moving.services.importing.shapes import DECISIONS
from caseapp.ui.display import labels
from caseapp.ui.forms.uploads.sealed_files import MultiFileInput, SealedFiles

Teams = Iterable[tuple[UUID, str]]


class ImportFilesForm(forms.Form):
    """The file with the rows, and the files that rows may name."""

    source = SealedFiles(
        label=_("File with the rows"),
        help_text=_(
            "A CSV file or an Excel workbook (.xlsx) from the other system, or the archive of an office or of a case "
            "that Caseapp exported (.zip, not encrypted). It is encrypted as it arrives."
        ),
        widget=forms.FileInput,
        error_messages={"required": _("Choose the file with the rows.")},
    )
    documents = SealedFiles(
        label=_("Documents that rows name"),
        required=False,
        widget=MultiFileInput({"multiple": True}),
        help_text=_("At most 19 at a time. More can be added later."),
    )


class MoreFilesForm(forms.Form):
    """Further files that rows may name."""

    documents = SealedFiles(
        label=_("Documents that rows name"),
        widget=MultiFileInput({"multiple": True}),
        help_text=_("At most 20 at a time. Each is matched by its name, or by its id in the name."),
        error_messages={"required": _("Choose the documents to add.")},
    )


class PlanForm(forms.Form):
    """The team of new cases, the choice for people who may be here, and the members that names in the file are."""

    group = forms.ChoiceField(
        label=_("Team in which cases open"),
        error_messages={"required": _("Choose the team in which cases open.")},
    )
    default = forms.ChoiceField(
        label=_("If a person may be here already"),
        error_messages={"required": _("Choose what happens if a person may be here already.")},
        choices=labels.choices_of({code: import_lines.DECISION_LABELS[code] for code in DECISIONS}),
    )

    def __init__(
        self, posted: Any = None, *, teams: Teams, names: Mapping[str, int], members: Iterable[Colleague], **rest: Any
    ) -> None:
        super().__init__(posted, **rest)
        self.names = list(names)
        self.fields["group"].choices = [(str(group), name) for group, name in teams]  # type: ignore[attr-defined]
        people = [("", _("No member: the importer leads these cases")), *((str(m.member_id), m.name) for m in members)]
        for number, name in enumerate(self.names):
            self.fields[f"name-{number}"] = forms.ChoiceField(label=name, choices=people, required=False)

    def chosen_people(self) -> dict[str, UUID]:
        """Return the names that a member was chosen for."""
        chosen = {name: self.cleaned_data.get(f"name-{number}", "") for number, name in enumerate(self.names)}
        return {name: UUID(member) for name, member in chosen.items() if member}


class AlikeForm(forms.Form):
    """The choice for each row of one page whose person may be here already."""

    def __init__(self, posted: Any = None, *, rows: Iterable[int], decisions: Mapping[int, str]) -> None:
        super().__init__(posted)
        choices = [("", _("As chosen for the whole file")), *import_lines.DECISION_LABELS.items()]
        for row in rows:
            self.fields[f"row-{row}"] = forms.ChoiceField(
                label=_("What to do"), choices=choices, required=False, initial=decisions.get(row, "")
            )

    def decisions(self) -> dict[int, str]:
        """Return the choice of each row."""
        return {int(name.removeprefix("row-")): choice for name, choice in self.cleaned_data.items()}
