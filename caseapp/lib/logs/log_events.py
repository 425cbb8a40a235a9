"""Every event that Caseapp writes to a log. The text of a log line is one of these, or only logger and level.

A place takes a count (`%d`), a code of the program or an exception (`%s`), which becomes its type and code location.
No event names a member, a case or a row: the time of a line next to an id would link people to what was done.
"""

EVENTS = frozenset(
    {
        "alarm.inactive_office_not_sent %s",
        "alarm.line_not_written %s",
        "alarm.not_sent %s",
        "alarm.warning_not_sent %s",
        "audit.witness_unreachable %s",
        "bounces.mailbox_unreadable %s",
        "bounces.not_handled %s",
        "bounces.returned",
        "case.doubt kind=%s",
        "case.not_accepted %s",
        "case.not_checked %s",
        "case.skipped kind=%s",
        "directory.group_not_anchored %s",
        "directory.older",
        "directory.older_not_audited",
        "directory.unreadable_at_sign_in %s",
        "draft.not_deleted %s",
        "draft.not_kept %s",
        "health.not_ready part=%s %s",
        "housekeeping.failed step=%s %s",
        "index.case_unreadable",
        "index.damaged parts=%d",
        "index.damaged_in_daily_check",
        "index.rebuild_begun reason=%s",
        "index.rebuild_done",
        "index.row_not_renewed %s",
        "journal.not_copied %s",
        "keys.refused code=%s",
        "mail.access_alert_not_sent %s",
        "mail.recovery_link_refused %s",
        "mail.recovery_notice_waits %s",
        "mail.stale_law_not_sent %s",
        "ping.unanswered %s",
        "process.uncaught %s",
        "reminders.census lost=%d misplaced=%d stale=%d unreachable=%d",
        "reminders.digest_not_sent %s",
        "reminders.fire_unreadable %s",
        "reminders.member_unreadable %s",
        "reminders.message_unreadable %s",
        "reminders.no_address",
        "reminders.not_continued %s",
        "reminders.not_sent %s tries=%d",
        "reminders.plan_unreadable %s",
        "reminders.put_back count=%d",
        "removal.shredded_late",
        "request.failed number=%s %s",
        "restore.reminders_without_admin",
        "restore.removal_completed",
        "seen_versions.unavailable %s",
        "selftest.not_sent %s",
        "session.not_written what=%s %s",
        "shred.half_missing %s",
        "upkeep.failed page=%s job=%s %s",
        "watchdog.admins_unreadable %s",
        "watchdog.database_unreachable %s",
        "watchdog.failed %s",
        "webhook.altered",
        "webhook.stop_unreadable",
        "webhook.stop_waits %s",
    }
)

# Lines of libraries that an operator needs, by logger and by text before its values are filled in. Their values are
# process numbers and signals.
LIBRARY_EVENTS = {
    ("celery.worker.consumer.consumer", "consumer: Cannot connect to %s: %s.\n%s\n"): "queue.unreachable",
    ("gunicorn.error", "Connection in use: %s"): "web.port_taken",
    ("gunicorn.error", "WORKER TIMEOUT (pid:%s)"): "web.process_hung process=%s",
    ("gunicorn.error", "Worker (pid:%s) was sent %s!"): "web.process_killed process=%s signal=%s",
    ("gunicorn.error", "Worker (pid:%s) exited with code %s."): "web.process_ended process=%s code=%s",
}
