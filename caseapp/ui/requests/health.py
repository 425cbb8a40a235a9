"""Health checks for monitoring, and the front's question about a session: words only, no office or member data."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caseapp.accounts.signin import activity_stamp
from caseapp.lib import clock
from caseapp.ui import readiness


def report_alive(request: HttpRequest) -> HttpResponse:
    """Answer that this process runs."""
    return HttpResponse("ok\n", content_type="text/plain")


def report_ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if database, storage and queue respond and reminders run, else 503; from the last look.

    The body has one line each: `database ok`.
    """
    last = readiness.watch.current()
    lines = "".join(f"{name} {word}\n" for name, word in last.words.items())
    return HttpResponse(lines, status=200 if last.is_ready else 503, content_type="text/plain")


def report_session(request: HttpRequest) -> HttpResponse:
    """Answer 204 for a session that is open or locked, 410 for one that ended lately, else 401.

    The front asks before it takes a large body. What a member typed and sends after the lock is kept as a draft, and
    after the end of the session it is shown again, however long it is.
    """
    if getattr(request, "door", "none") in {"open", "locked"}:
        return HttpResponse(status=204, content_type="text/plain")
    names = (settings.SESSION_COOKIE, settings.ACTIVITY_COOKIE, settings.ENDED_COOKIE)
    token, stamp, end_mark = (request.COOKIES.get(name, "") for name in names)
    had_session = activity_stamp.had_session_lately(token, stamp, end_mark, clock.now())
    return HttpResponse(status=410 if had_session else 401, content_type="text/plain")
