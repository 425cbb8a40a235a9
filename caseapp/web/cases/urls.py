"""Addresses of the room `cases`."""

from django.urls import path

from caseapp.web.cases import closing, views

app_name = "cases"
urlpatterns = [
    path("cases/", views.case_list, name="list"),
    path("cases/new/", views.new, name="new"),
    path("cases/<uuid:case_id>/", views.case, name="case"),
    path("cases/<uuid:case_id>/change/", views.change, name="change"),
    path("cases/<uuid:case_id>/close/", closing.close, name="close"),
    path("cases/<uuid:case_id>/destroy/", closing.shred, name="shred"),
    path("cases/certificates/", closing.certificates, name="certificates"),
    path("cases/certificates/<uuid:certificate_id>/", closing.certificate, name="certificate"),
    path("cases/<uuid:case_id>/notes/new/", views.note_new, name="note_new"),
    path("cases/<uuid:case_id>/notes/<uuid:note_id>/", views.note, name="note"),
    path("cases/<uuid:case_id>/people/new/", views.person_new, name="person_new"),
    path("cases/<uuid:case_id>/people/<uuid:party_id>/", views.person, name="person"),
    path("cases/<uuid:case_id>/tasks/new/", views.task_new, name="task_new"),
    path("cases/<uuid:case_id>/notices/new/", views.notice_new, name="notice_new"),
    path("tasks/<uuid:task_id>/done/", views.task_done, name="task_done"),
    path("undo/", views.undo, name="undo"),
]
