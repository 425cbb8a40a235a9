"""URLs of the twin, the same as those of the product's pages."""

from django.urls import path

from caseapp.tools.bench.plain_twin import views

urlpatterns = [
    path("healthz", views.report_alive),
    path("", views.show_today),
    path("sign-in/", views.sign_in),
    path("cases/", views.show_list),
    path("cases/<uuid:case_id>/", views.show_case),
    path("cases/<uuid:case_id>/notes/new/", views.add_note),
    path("cases/<uuid:case_id>/hearings/new/", views.book_hearing),
    path("calendar/agenda/<str:first>/", views.show_agenda),
    path("search/", views.search_cases),
]
