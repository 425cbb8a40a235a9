"""URLs of cases, their notes, parties, notices and tasks."""

from django.urls import path

from caseapp.cases.views import cases, closing, notes, tasks
from caseapp.clients.views import people

app_name = "cases"
urlpatterns = [
    path("cases/", cases.case_list, name="list"),
    path("cases/new/", cases.new, name="new"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/change/", cases.change, name="change"),
    path("cases/<uuid:case_id>/close/", closing.close, name="close"),
    path("cases/<uuid:case_id>/destroy/", closing.shred, name="shred"),
    path("cases/certificates/", closing.certificates, name="certificates"),
    path("cases/certificates/<uuid:certificate_id>/", closing.certificate, name="certificate"),
    path("cases/<uuid:case_id>/notes/new/", notes.note_new, name="note_new"),
    path("cases/<uuid:case_id>/notes/<uuid:note_id>/", notes.note, name="note"),
    path("cases/<uuid:case_id>/people/new/", people.person_new, name="person_new"),
    path("cases/<uuid:case_id>/people/<uuid:party_id>/", people.person, name="person"),
    path("cases/<uuid:case_id>/tasks/new/", tasks.task_new, name="task_new"),
    path("cases/<uuid:case_id>/notices/new/", notes.notice_new, name="notice_new"),
    path("tasks/<uuid:task_id>/done/", tasks.task_done, name="task_done"),
    path("undo/", cases.undo, name="undo"),
]
