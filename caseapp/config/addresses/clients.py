"""Addresses of the room `clients`."""

from django.urls import path

from caseapp.clients.views import contact as views
from caseapp.clients.views import gateway as settings
from caseapp.clients.views import opt_out_webhook as hook

app_name = "clients"
PERSON = "cases/<uuid:case_id>/people/<uuid:party_id>/"
urlpatterns = [
    path(f"{PERSON}consent/", views.consent, name="consent"),
    path(f"{PERSON}withdraw/", views.withdraw, name="withdraw"),
    path(f"{PERSON}call/", views.call, name="call_any"),
    path(f"{PERSON}call/<uuid:hearing_id>/", views.call, name="call"),
    path(f"{PERSON}slip/<uuid:hearing_id>/", views.slip, name="slip"),
    path(f"{PERSON}text/<uuid:hearing_id>/<slug:step>/", views.send, name="send"),
    path("cases/<uuid:case_id>/texts/<uuid:attempt_id>/", views.settle, name="settle"),
    path("clients/send/", views.send_all, name="send_all"),
    path("reminders/clients/", settings.gateway, name="gateway"),
    path("in/<str:token>/", hook.receive, name="hook"),
]
