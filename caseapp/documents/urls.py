"""URLs of documents."""

from django.urls import path

from caseapp.documents import views

app_name = "documents"
urlpatterns = [
    path("documents/", views.show_start, name="start"),
    path("cases/<uuid:case_id>/documents/", views.list_documents, name="papers"),
    path("documents/<uuid:document_id>/", views.show_document, name="document"),
    path("documents/<uuid:document_id>/file/", views.stream_file, name="file"),
    path("documents/<uuid:document_id>/download/", views.download_document, name="download"),
    path("documents/<uuid:document_id>/kind/", views.sort_document, name="sort"),
    path("documents/<uuid:document_id>/remove/", views.remove_document, name="remove"),
]
