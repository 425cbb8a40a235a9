"""Views of the guide. What is searched for is never part of an address and is not stored."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from caseapp.help import pages
from caseapp.help.forms import GuideSearchForm
from caseapp.lib.errors import NotFound
from caseapp.ui.forms.form_saving import posted_data, render_form
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def show_guide(request: StaffRequest) -> HttpResponse:
    """Show all topics; a POST shows those that contain the typed words, and stores nothing."""
    form = GuideSearchForm(posted_data(request))
    topics = pages.read_guide(get_language() or "en")
    has_searched = form.is_valid()
    if has_searched:
        topics = pages.find_topics(topics, form.cleaned_data["words"])
    context = {"topics": topics, "has_searched": has_searched}
    return render_form(request, "help/guide.html", form, context)


@staff_view()
def show_topic(request: StaffRequest, topic: str) -> HttpResponse:
    """Show one topic of the guide."""
    topics = pages.read_guide(get_language() or "en")
    shown = next((each for each in topics if each.slug == topic), None)
    if shown is None:
        raise NotFound
    return render(request, "help/topic.html", {"topic": shown, "topics": topics})
