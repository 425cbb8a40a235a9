"""All settings. Values that differ between installations are environment variables (`env.py`)."""

from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from caseapp.config import env
from caseapp.lib import service_urls
from caseapp.lib.logs import quiet_logs

PACKAGE = Path(__file__).resolve().parent.parent
MODE = env.text("CASEAPP_MODE", "local")  # local, production or test
if MODE not in {"local", "production", "test"}:
    raise ImproperlyConfigured("CASEAPP_MODE is local, production or test")
if MODE == "production" and env.text("CASEAPP_CLOCK_FILE", ""):
    raise ImproperlyConfigured("CASEAPP_CLOCK_FILE moves the clock and is refused in production")

DATA_FOLDER = env.folder("CASEAPP_DATA", Path("~/.local/share/caseapp"))
SECRETS = env.folder("CASEAPP_SECRETS", DATA_FOLDER / "secrets")
BLOBS = env.folder("CASEAPP_BLOBS", DATA_FOLDER / "blobs")
_origin = env.address("CASEAPP_ORIGIN", service_urls.read_origin, "http://127.0.0.1:8000")
ORIGIN = _origin.url

DEBUG = False
# Made here only for tests and builds, in a folder that was never used; else by `caseapp up` and `caseapp prepare`.
_is_new = MODE != "production" and not (DATA_FOLDER / "VERSION").exists()
SECRET_KEY = env.secret_key(SECRETS, "django.key", may_create=_is_new).hex()
# Keys of the server. They open the operational tier and strengthen passphrases; they do not open a case.
OPERATIONAL_KEY_FILE = SECRETS / "operational.key"
PEPPER_FILE = SECRETS / "pepper.key"
SHRED_FOLDER = SECRETS / "shred"
SEEN_VERSIONS_FOLDER = DATA_FOLDER / "seen"  # ids and version numbers that this server saw; no secrets
PLAN_KEY_FOLDER = SECRETS / "plan-keys"
AUDIT_KEY_FILE = SECRETS / "audit.key"
# What was destroyed since a backup, for its restore; and the folder of backups, which gets the journal at once.
JOURNAL_FILE = DATA_FOLDER / "destructions.journal"
BACKUP_TO = env.text("CASEAPP_BACKUP_TO", "")
# Witness outside this server for the checkpoints of the audit trail: an append-only folder, a mailbox, or both.
AUDIT_WITNESS_FOLDER = env.text("AUDIT_WITNESS_FOLDER", "")
AUDIT_WITNESS_MAIL = env.text("AUDIT_WITNESS_MAIL", "")
WATCH_EVERY = int(env.text("CASEAPP_WATCH_EVERY", "300"))  # seconds between checks that reminders go out
if not 1 <= WATCH_EVERY <= 300:
    raise ImproperlyConfigured("CASEAPP_WATCH_EVERY is 1 to 300 seconds")
CASES_AN_HOUR = int(env.text("CASEAPP_CASES_AN_HOUR", "60"))  # above this, supervisors and admins are alerted
SESSION_EPOCH_FILE = SECRETS / "session.epoch"
for _name in ("operational.key", "pepper.key", "audit.key"):
    env.secret_key(SECRETS, _name, may_create=_is_new)

_host = f"[{_origin.host}]" if ":" in _origin.host else _origin.host
ALLOWED_HOSTS = [_host, "127.0.0.1", "localhost"] if MODE != "production" else [_host]
CSRF_TRUSTED_ORIGINS = [ORIGIN]
PLAIN_HTTP = _origin.scheme == "http"  # local only: in production a proxy terminates TLS
if PLAIN_HTTP and MODE == "production":
    raise ImproperlyConfigured("In production CASEAPP_ORIGIN starts with https://")

# No django.contrib.auth, admin, sessions or messages: no password column, no second sign-in, no text in cookies.
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "caseapp.vault",
    "caseapp.audit",
    "caseapp.accounts",
    "caseapp.index",
    "caseapp.reminders",
    "caseapp.ui",
    "caseapp.casefile",
    "caseapp.account",
    "caseapp.calendar",
    "caseapp.cases",
    "caseapp.clients",
    "caseapp.deadlines",
    "caseapp.conflicts",
    "caseapp.documents",
    "caseapp.hearings",
    "caseapp.help",
    "caseapp.intake",
    "caseapp.law",
    "caseapp.moving",
    "caseapp.search",
    "caseapp.team",
    "caseapp.today",
    "caseapp.trail",
]
# The tools are in the source checkout only, not in the wheel or the image.
HAS_TOOLS = find_spec("caseapp.tools") is not None
if HAS_TOOLS:
    INSTALLED_APPS.append("caseapp.tools.styleguide")
MIDDLEWARE = [
    "caseapp.ui.requests.middleware.LastResort",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "caseapp.ui.requests.middleware.Headers",
    "caseapp.ui.old_addresses.OldAddresses",
    "caseapp.ui.requests.middleware.NewerDatabase",
    "caseapp.ui.requests.flash_cookie.FlashMessages",
    "caseapp.ui.requests.middleware.StaffOfRequest",
    "caseapp.ui.requests.middleware.LanguageOfStaff",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "caseapp.ui.requests.middleware.Errors",
]
ROOT_URLCONF = "caseapp.config.urls"
WSGI_APPLICATION = "caseapp.config.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [("caseapp.ui.template_loading.QuickLoader", ["caseapp.ui.template_loading.CompactLoader"])],
            "context_processors": ["django.template.context_processors.request", "caseapp.ui.requests.context.frame"],
            "libraries": {"caseapp": "caseapp.ui.display.tags"},
            "builtins": ["caseapp.ui.display.tags", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "caseapp.ui.forms.form_renderer.Renderer"

_database = env.address("DATABASE_URL", service_urls.read_database, "postgresql:///caseapp")
DATABASES = {"default": env.database_settings(_database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# Uploads are sealed while they arrive; no file is ever written in clear.
FILE_UPLOAD_HANDLERS = ["caseapp.ui.forms.uploads.sealed_uploads.SealingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
UPLOAD_LIMIT = int(env.text("CASEAPP_UPLOAD_LIMIT", str(200 * 1024 * 1024)))  # bytes per file

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = env.folder("CASEAPP_STATIC", DATA_FOLDER / "static")

WHITENOISE_USE_FINDERS = MODE != "production"
WHITENOISE_MAX_AGE = 3600

CSRF_COOKIE_NAME = "csrf_token" if PLAIN_HTTP else "__Host-csrf_token"
CSRF_COOKIE_SECURE = not PLAIN_HTTP
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "caseapp.ui.requests.error_pages.csrf_failure"
SESSION_COOKIE = "session_token" if PLAIN_HTTP else "__Host-session_token"
ACTIVITY_COOKIE = "active" if PLAIN_HTTP else "__Host-active"
ENDED_COOKIE = "ended" if PLAIN_HTTP else "__Host-ended"  # the day on which this browser signed out, signed
IDLE_LIMIT = 15 * 60  # seconds
ABSOLUTE_LIMIT = 12 * 3600
ADMIN_ABSOLUTE_LIMIT = 8 * 3600
HALF_COOKIE = "half_token" if PLAIN_HTTP else "__Host-half_token"  # between passphrase and second factor
DEVICE_COOKIE = "device" if PLAIN_HTTP else "__Host-device"
OFFICE_COOKIE = "office" if PLAIN_HTTP else "__Host-office"  # code of the office that this browser signed in to last
FLASH_COOKIE_PREFIX = "flash_" if PLAIN_HTTP else "__Host-flash_"  # the message after a write: one cookie for a path
# Admins need a second factor from a day after the office was founded. Test members do not.
ADMINS_NEED_FACTOR = MODE != "test"
# An office may open ten cases, or work for fourteen days, before its recovery is set up; 25 cases at most.
RECOVERY_GATE = MODE != "test"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_PROXY_SSL_HEADER = None if PLAIN_HTTP else ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 20
_mail_server = env.address("SMTP_URL", service_urls.read_mail_server, "smtp://127.0.0.1:25")
for _key, _value in env.mail_settings(_mail_server).items():
    globals()[_key] = _value
MAIL_IS_SET = bool(env.text("SMTP_URL", ""))  # without it nothing is mailed unless this machine has a mail server
MAIL_FROM = env.text("MAIL_FROM", "list@localhost")
BOUNCES = env.mailbox_settings(env.text("BOUNCES_URL", ""))  # the mailbox of MAIL_FROM, which receives undelivered mail
# An outside monitor: requested every five minutes while reminders run.
PING_URL = env.text("PING_URL", "")
if PING_URL and not PING_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("PING_URL starts with https://")

# Hosts with ports of text and push gateways that members may use, next to the named services with fixed hosts.
GATEWAY_HOSTS = env.host_list("GATEWAY_HOSTS")

CELERY_BROKER_URL = env.address("BROKER_URL", service_urls.read_broker, "redis://127.0.0.1:6379/0").url

# An error report has only type, code location and request number: no values, form fields, cookies or locals.
ADMINS: list[tuple[str, str]] = []
DEFAULT_EXCEPTION_REPORTER = "caseapp.ui.requests.error_reports.QuietReporter"
quiet_logs.reduce_records()  # before the first line of a library
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "caseapp": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.db.backends": {"handlers": [], "level": "ERROR", "propagate": False},
        "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
