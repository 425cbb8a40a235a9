"""URLs of the moving room."""

from django.urls import path

from caseapp.moving.views import exports, hand_over, import_columns, imports

app_name = "moving"
urlpatterns = [
    path("cases/<uuid:case_id>/export/", exports.export_case, name="export_case"),
    path("moving/import/", imports.begin_import, name="import_start"),
    path("moving/import/<uuid:import_id>/", imports.show_import, name="import_one"),
    path("moving/import/<uuid:import_id>/mapping/", import_columns.choose_columns, name="import_mapping"),
    path("moving/import/<uuid:import_id>/rows/", import_columns.show_rows, name="import_rows"),
    path("moving/import/<uuid:import_id>/rejected/", import_columns.download_rejected, name="import_rejected"),
    path("moving/import/<uuid:import_id>/plan/", imports.plan_import, name="import_plan"),
    path("moving/import/<uuid:import_id>/alike/", imports.decide_alike, name="import_alike"),
    path("moving/import/<uuid:import_id>/run/", imports.run_import, name="import_run"),
    path("moving/import/<uuid:import_id>/undo/", imports.undo_import, name="import_undo"),
    path("moving/import/<uuid:import_id>/remove/", imports.remove_import, name="import_remove"),
    path("cases/<uuid:case_id>/hand-over/", hand_over.give_file, name="hand_over"),
    path("moving/export/", exports.manage_office_export, name="export_office"),
    path("moving/export/<uuid:request_id>/download/", exports.download_office, name="download_office"),
]
