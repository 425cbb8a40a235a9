"""Screening questions, one a page; and the pages on which an attorney reads and signs them."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.casefile.office_law import is_supervising
from caseapp.intake.pages.screening import screening_page, tree_text, tree_texts
from caseapp.intake.pages.steps import intake_page
from caseapp.intake.services import screening
from caseapp.intake.services.intakes import SITUATION
from caseapp.intake.services.screening_trees import ScreeningTree
from caseapp.intake.services.tree_signatures import find_tree, sign_tree, trees_in_use
from caseapp.lib.errors import NotFound
from caseapp.records.answer import SKIPPED
from caseapp.ui.display.colleagues import supervising_names_of
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def ask(request: StaffRequest, case_id: UUID, tree_id: str) -> HttpResponse:
    """Ask the next question of a tree. `go` is answer, skip or stop; `?question=` asks one again."""
    file = open_case_file(request, case_id)
    tree = _tree_in_use(request, tree_id)
    shown = screening_page(request.staff, file, tree, asked=request.GET.get("question", "")[:40])
    form = _AnswerForm(posted_data(request))
    if form.is_valid() and _save_answer(request, form, case_id, tree):
        return see_other(reverse("intake:screening", args=[case_id, tree.id]), "intake-saved")
    context = {"page": intake_page(request.staff, file, SITUATION), "shown": shown}
    return render_form(request, "intake/screening.html", form, context)


class _AnswerForm(forms.Form):
    """The answer to the question that was shown; which answers there are is the tree's."""

    question = forms.CharField(max_length=40)
    answer = forms.CharField(max_length=40, required=False)
    go = forms.ChoiceField(choices=[("answer", ""), ("skip", ""), ("stop", "")], required=False)


def _save_answer(request: StaffRequest, form: forms.Form, case_id: UUID, tree: ScreeningTree) -> bool:
    typed = form.cleaned_data
    if typed["go"] == "stop":
        return bool(try_action(form, lambda: screening.stop(request.staff, case_id, tree)))
    answer = SKIPPED if typed["go"] == "skip" else typed["answer"]
    if not answer:
        form.add_error("answer", _("Choose an answer, skip the question, or stop here."))
        return False
    return bool(
        try_action(form, lambda: screening.answer_question(request.staff, case_id, tree, typed["question"], answer))
    )


def _tree_in_use(request: StaffRequest, tree_id: str) -> ScreeningTree:
    tree = find_tree(tree_id)
    if tree not in trees_in_use(request.staff.keys):
        raise NotFound(f"tree {tree.id} of another law")
    return tree


@staff_view(methods=["GET"])
def list_trees(request: StaffRequest) -> HttpResponse:
    """List the screening questions of the office, with who signed them."""
    return render(request, "intake/trees.html", {"trees": tree_texts(request.staff)})


@staff_view(methods=["GET", "POST"])
def sign(request: StaffRequest, tree_id: str) -> HttpResponse:
    """Show the whole text of a tree; a supervising attorney signs exactly this text."""
    tree = _tree_in_use(request, tree_id)
    form = _SignForm(posted_data(request))
    if form.is_valid() and try_action(form, lambda: sign_tree(request.staff, tree.id, form.cleaned_data["digest"])):
        return see_other(reverse("intake:trees"), "tree-signed")
    context = {
        "tree": tree_text(request.staff, tree),
        "may_sign": is_supervising(request.staff),
        "supervising": supervising_names_of(request.staff.keys),
    }
    return render_form(request, "intake/tree.html", form, context)


class _SignForm(forms.Form):
    """The text that was read, by its digest."""

    digest = forms.CharField(max_length=64)
