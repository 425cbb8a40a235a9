"""URLs of cases, their notes, notices, tasks and access."""

from django.urls import path

from caseapp.cases.views import cases, changes, closing, lists, notes, notices, proceedings, restoring, sharing, tasks

app_name = "cases"
urlpatterns = [
    path("cases/", lists.show_list, name="list"),
    path("cases/views/", lists.save_view, name="view_save"),
    path("cases/views/<uuid:view_id>/remove/", lists.remove_view, name="view_remove"),
    path("cases/selected/", lists.choose_act, name="selected"),
    path("cases/selected/reassign/", lists.reassign_selected, name="selected_reassign"),
    path("cases/selected/task/", lists.add_task_to_selected, name="selected_task"),
    path("cases/new/", cases.create_case, name="new"),
    path("cases/<uuid:case_id>/", cases.show_case, name="case"),
    path("cases/<uuid:case_id>/all/<slug:part>/", cases.show_part, name="part"),
    path("cases/not-compared/", restoring.list_uncompared, name="uncompared"),
    path("cases/<uuid:case_id>/restore/", restoring.restore_case, name="restore"),
    path("cases/<uuid:case_id>/change/", cases.edit_case, name="change"),
    path("cases/<uuid:case_id>/stage/", cases.choose_stage, name="stage"),
    path("cases/<uuid:case_id>/access/", sharing.manage_access, name="access"),
    path("cases/<uuid:case_id>/close/", closing.manage_closing, name="close"),
    path("cases/<uuid:case_id>/destroy/", closing.shred_case, name="shred"),
    path("cases/certificates/", closing.list_certificates, name="certificates"),
    path("cases/certificates/<uuid:certificate_id>/", closing.show_certificate, name="certificate"),
    path("cases/<uuid:case_id>/changes/", changes.show_changes, name="changes"),
    path("cases/<uuid:case_id>/notes/new/", notes.add_note, name="note_new"),
    path("cases/<uuid:case_id>/notes/<uuid:note_id>/", notes.edit_note, name="note"),
    path("cases/<uuid:case_id>/tasks/new/", tasks.add_task, name="task_new"),
    path("cases/<uuid:case_id>/notices/new/", notices.record_notice, name="notice_new"),
    path("cases/<uuid:case_id>/notices/<uuid:notice_id>/", notices.correct_notice, name="notice"),
    path("cases/<uuid:case_id>/proceedings/new/", proceedings.add_proceeding, name="proceeding_new"),
    path("cases/<uuid:case_id>/proceedings/<uuid:proceeding_id>/", proceedings.edit_proceeding, name="proceeding"),
    path("tasks/<uuid:task_id>/done/", tasks.finish_task, name="task_done"),
    path("undo/", cases.undo_change, name="undo"),
]
