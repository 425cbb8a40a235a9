"""URLs of the people of a case and of client contact."""

from django.urls import path

from caseapp.clients.views import contact, custody, gateway, history, opt_out_webhook, people, person_dates

app_name = "clients"
PERSON = "cases/<uuid:case_id>/people/<uuid:party_id>/"
urlpatterns = [
    path("cases/<uuid:case_id>/people/new/", people.add_person, name="person_new"),
    path(PERSON, people.edit_person, name="person"),
    path(f"{PERSON}orders/new/", history.add_order, name="order_new"),
    path(f"{PERSON}orders/<uuid:order_id>/", history.edit_order, name="order"),
    path(f"{PERSON}dates/", person_dates.record_date, name="date_new"),
    path(f"{PERSON}dates/<uuid:notice_id>/", person_dates.change_date, name="date"),
    path(f"{PERSON}dates/<uuid:notice_id>/remove/", person_dates.remove_date, name="date_remove"),
    path(f"{PERSON}dates/<uuid:notice_id>/restore/", person_dates.restore_date, name="date_restore"),
    path(f"{PERSON}consent/", contact.record_consent, name="consent"),
    path(f"{PERSON}withdraw/", contact.withdraw_consent, name="withdraw"),
    path(f"{PERSON}call/", contact.record_call, name="call_any"),
    path(f"{PERSON}call/<uuid:hearing_id>/", contact.record_call, name="call"),
    path(f"{PERSON}reminder-sheet/<uuid:hearing_id>/", contact.show_reminder_sheet, name="slip"),
    path(f"{PERSON}text/<uuid:hearing_id>/<slug:step>/", contact.send_text, name="send"),
    path("cases/<uuid:case_id>/custody/", custody.show_custody, name="custody"),
    path("cases/<uuid:case_id>/custody/<uuid:step_id>/", custody.correct_step, name="custody_step"),
    path("cases/<uuid:case_id>/texts/<uuid:attempt_id>/", contact.resolve_unsure_text, name="settle"),
    path("clients/send/", contact.send_all, name="send_all"),
    path("reminders/clients/", gateway.manage_gateway, name="gateway"),
    path("in/", opt_out_webhook.receive_opt_out, name="hook_basic"),
    path("in/<str:token>/", opt_out_webhook.receive_opt_out, name="hook"),
]
