"""Forms that say how an import's file is read and what its columns mean."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from caseapp.moving.panels import field_names
from caseapp.moving.reading.cells.words import find_codes
from caseapp.moving.reading.files.encodings import CODE_PAGES
from caseapp.moving.reading.files.headings import fold_heading
from caseapp.moving.reading.presets.fields import DATE_FIELDS, FIELDS_OF, REPEATED, TIME_FIELDS
from caseapp.moving.reading.settings import LEFT_BEHIND, OTHER_FACTS, Answers, Mapping, ReadSettings
from caseapp.moving.services.importing.previews import FilePreview
from caseapp.ui.display import labels
from caseapp.ui.forms.zones import ZoneField, common_zones

Choice = tuple[str, str | Promise]
FOUND_OUT: Choice = ("", _("Found out by the program"))
ENCODINGS: list[Choice] = [FOUND_OUT, *((name, name) for name in ("utf-8", "utf-16", *CODE_PAGES))]
SEPARATORS: list[Choice] = [
    FOUND_OUT,
    (",", _("Comma")),
    (";", _("Semicolon")),
    ("tab", _("Tab")),
    ("|", _("Vertical bar")),
]
MERGED: list[Choice] = [
    ("", _("Reject the rows that they cover")),
    ("fill", _("The value applies to each of the rows")),
    ("first", _("The value applies to the first row only")),
]
ORDERS: list[Choice] = [
    ("", _("As the product writes them")),
    ("mdy", _("Month first: 12/31/2026")),
    ("dmy", _("Day first: 31/12/2026")),
    ("ymd", _("Year first: 2026-12-31")),
]
REFERENCES: list[Choice] = [
    ("", _("Not chosen: rows with one are rejected")),
    ("court_number", _("A number of the court")),
    ("a_number", _("An A-Number")),
]
CENTURIES: list[Choice] = [
    ("0", _("Not chosen: rows with such a year are rejected")),
    ("1927", "1927-2026"),
    ("1950", "1950-2049"),
    ("2000", "2000-2099"),
]
RELIEF_SHOWN = 60  # different texts of relief
NO_RELIEF = "none"


class ReadForm(forms.Form):
    """Settings by which the file is read."""

    preset = forms.ChoiceField(
        label=_("The file is"), error_messages={"required": _("Choose the system that the file is from.")}
    )
    heading_row = forms.IntegerField(
        label=_("Row with the headings"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Empty: found out by the program."),
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)
    separator = forms.ChoiceField(label=_("Separator"), choices=SEPARATORS, required=False)
    sheet = forms.CharField(
        label=_("Sheet of the workbook"),
        required=False,
        max_length=100,
        help_text=_("Empty: the first sheet with rows."),
    )
    merged = forms.ChoiceField(label=_("Merged cells"), choices=MERGED, required=False)

    def __init__(self, posted: Any = None, *, settings: ReadSettings, preset: str) -> None:
        super().__init__(
            posted,
            initial={
                "preset": preset,
                "heading_row": settings.heading_row or None,
                "encoding": settings.encoding,
                "separator": "tab" if settings.separator == "\t" else settings.separator,
                "sheet": settings.sheet,
                "merged": settings.merged,
            },
        )
        self.fields["preset"].choices = field_names.preset_choices()  # type: ignore[attr-defined]

    def settings(self) -> ReadSettings:
        """Return how the file is read."""
        fields = self.cleaned_data
        return ReadSettings(
            encoding=fields["encoding"],
            separator="\t" if fields["separator"] == "tab" else fields["separator"],
            sheet=fields["sheet"],
            heading_row=fields["heading_row"] or 0,
            merged=fields["merged"],
        )


class ColumnsForm(forms.Form):
    """Meaning of each column, and the answers to what the file leaves open."""

    keep_left_behind = forms.BooleanField(
        label=_("Keep what is left behind on purpose"),
        required=False,
        help_text=_(
            "Such as S.S.N.: it helps to find a person, and no case needs it. It would be kept as other facts."
        ),
    )

    def __init__(self, posted: Any = None, *, preview: FilePreview, answers: Answers) -> None:
        super().__init__(posted)
        self.preview, self.answers = preview, answers
        self.codes = field_names.name_fields((*FIELDS_OF[preview.preset.makes], OTHER_FACTS, LEFT_BEHIND))
        self._by_folded_name = {fold_heading(name): code for name, code in self.codes.items()}
        self.relief_texts = self._find_relief_texts()
        self._add_questions()
        for choice in preview.mapping.columns:
            self.fields[f"column-{choice.column}"] = forms.CharField(
                label=choice.heading,
                required=False,
                max_length=100,
                initial=field_names.field_name(choice.field) if choice.field else "",
                widget=forms.TextInput({"list": "fields", "autocomplete": "off"}),
            )
        self.initial["keep_left_behind"] = answers.keep_left_behind

    def _find_relief_texts(self) -> tuple[str, ...]:
        """Return the texts of relief that are asked about, then those that were confirmed before."""
        questions = [question for question in self.preview.survey.questions if question.code == "relief"]
        asked = [text for question in questions for text in question.examples[:RELIEF_SHOWN]]
        return (*asked, *self.answers.relief)

    def _add_questions(self) -> None:
        """Add a field for each thing that the columns may leave open."""
        used = {choice.field for choice in self.preview.mapping.columns}
        if used & DATE_FIELDS:
            self._add_choice("date_order", _("Order of dates such as 05/06/2024"), ORDERS, self.answers.date_order)
            century = str(self.answers.short_years_from)
            self._add_choice("short_years_from", _("Years of two digits"), CENTURIES, century)
        if used & TIME_FIELDS:
            zone = ZoneField(label=_("Time zone of the times in the file"), required=False)
            zone.choices = [("", _("Not chosen: rows with a time are rejected")), *common_zones()]
            self.fields["zone"] = zone
            self.initial["zone"] = self.answers.zone
        if "case.client_reference" in used:
            self._add_choice("reference", _("The client reference is"), REFERENCES, self.answers.reference)
        for number, text in enumerate(self.relief_texts):
            names = ", ".join(labels.label_of(labels.RELIEF, code) for code in find_codes("relief", text))
            proposed = gettext("As its words say: %(relief)s") % {"relief": names} if names else gettext("Not chosen")
            relief: list[Choice] = [("", proposed), (NO_RELIEF, _("No relief")), *labels.RELIEF.items()]
            confirmed = self.answers.relief.get(fold_heading(text))
            self._add_choice(f"relief-{number}", text, relief, NO_RELIEF if confirmed == "" else confirmed or "")

    def _add_choice(self, name: str, label: Any, choices: list[Choice], initial: str) -> None:
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.initial[name] = initial

    def clean(self) -> dict[str, Any]:
        """Check that each text names a field, and that no field has two columns unless it may."""
        fields = super().clean() or {}
        taken: dict[str, str] = {}
        for choice in self.preview.mapping.columns:
            name = f"column-{choice.column}"
            text = fields.get(name, "")
            code = self._by_folded_name.get(fold_heading(text)) if text else OTHER_FACTS
            if code is None:
                self.add_error(name, gettext("“%(text)s” is no field. Choose one of the list.") % {"text": text})
            elif code in taken and code not in REPEATED and code not in {OTHER_FACTS, LEFT_BEHIND}:
                values = {"other": taken[code]}
                self.add_error(name, gettext("The column “%(other)s” has this field. Choose another one.") % values)
            else:
                taken[code] = choice.heading
                fields[name] = code
        return fields

    def mapping(self) -> Mapping:
        """Return the columns as they were chosen."""
        columns = self.preview.mapping.columns
        chosen = tuple(replace(choice, field=self.cleaned_data[f"column-{choice.column}"]) for choice in columns)
        return Mapping(preset=self.preview.preset.code, columns=chosen)

    def chosen_answers(self) -> Answers:
        """Return the answers; what was not asked stays as it was answered before."""
        fields = self.cleaned_data
        chosen = {fold_heading(text): fields.get(f"relief-{n}", "") for n, text in enumerate(self.relief_texts)}
        confirmed = {text: "" if code == NO_RELIEF else code for text, code in chosen.items() if code}
        return replace(
            self.answers,
            date_order=fields.get("date_order", self.answers.date_order),
            zone=fields.get("zone", self.answers.zone),
            reference=fields.get("reference", self.answers.reference),
            short_years_from=int(fields.get("short_years_from") or 0),
            relief=confirmed,
            keep_left_behind=fields["keep_left_behind"],
        )
