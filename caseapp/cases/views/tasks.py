"""Views of the tasks of a case."""

from uuid import UUID

from django.http import HttpResponse

from caseapp.casefile import case_access
from caseapp.cases.forms.notes import TaskForm
from caseapp.cases.services import tasks
from caseapp.ui.display import case_header
from caseapp.ui.display.colleagues import colleagues_of
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def add_task(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a task."""
    file = open_case_file(request, case_id)
    team = colleagues_of(request.staff.keys, file)
    form = TaskForm(posted_data(request), team=team, initial={"owner": str(request.staff.member_id)})
    if form.is_valid():
        fields = form.cleaned_data
        if try_action(form, lambda: tasks.add_task(request.staff, case_id, **fields)):
            return see_other(case_path(case_id), "task-added")
    return render_form(request, "cases/task.html", form, {"page": case_header.case_head(file)})


@staff_view(methods=["POST"])
def finish_task(request: StaffRequest, task_id: UUID) -> HttpResponse:
    """Mark a task as done; `done=no` marks it as open again."""
    case_id = case_access.find_case_id(request.staff.keys, task_id)
    is_done = request.POST.get("done") != "no"
    tasks.finish_task(request.staff, case_id, task_id, done=is_done)
    return see_other(next_path(request, case_path(case_id)), "task-done" if is_done else "undone")
