"""Django settings: wiring only. What differs between installations comes from ``environment``."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .database import address_as, entry
from .environment import OWNER, read_environment, secret

ENVIRONMENT = read_environment()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = secret(ENVIRONMENT.keys, "django")
CREDENTIAL_KEYS = secret(ENVIRONMENT.keys, "credentials")
ALLOWED_HOSTS = [ENVIRONMENT.host, "localhost", "127.0.0.1", "[::1]"]
SITE_URL = os.environ.get("TERRITOIRES_URL", f"http://{ENVIRONMENT.host}:{ENVIRONMENT.port}")
PLATFORM_NAME = "Territoires"
REGION_NAME = os.environ.get("TERRITOIRES_REGION_NAME", "Bourgogne-Franche-Comté")
# Who answers an enterprise in trouble, and when: on every page of a deposit.
SUPPORT_TELEPHONE = os.environ.get(
    "TERRITOIRES_SUPPORT_TELEPHONE", "03 53 01 00 00" if ENVIRONMENT.is_demonstration else ""
)
SUPPORT_HOURS_FR = os.environ.get("TERRITOIRES_SUPPORT_HOURS_FR", "du lundi au vendredi, de 8 h à 18 h")
SUPPORT_HOURS_EN = os.environ.get("TERRITOIRES_SUPPORT_HOURS_EN", "Monday to Friday, 8:00 to 18:00")

ENABLED_SERVICES = ["portal", "governance", "legality", "procurement"]
FOUNDATIONS = [
    "packs",
    "trust",
    "journal",
    "actions",
    "documents",
    "identity",
    "worklist",
    "notifications",
    "search",
    "printing",
    "exchange",
    "registry",
]

INSTALLED_APPS = [
    # First, so that its templates and words win over those of the libraries.
    "territoires.ui.apps.UiConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Before allauth, for the pages of it that these write anew.
    *[f"territoires.foundations.{name}.apps.{name.capitalize()}Config" for name in FOUNDATIONS],
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_vite",
    # SimpleAppConfigs: their automatic loaders fight; TEMPLATES below sets both by hand.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
    *[f"territoires.services.{name}.apps.{name.capitalize()}Config" for name in ENABLED_SERVICES],
]

MIDDLEWARE = [
    "territoires.foundations.identity.presenting.FrontMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "territoires.ui.security.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "territoires.foundations.registry.keeping.KeepingMiddleware",
    # Before allauth, which so sees first the exceptions that are its own (ask the password again).
    "territoires.foundations.registry.errors.ErrorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "territoires.foundations.identity.sessions.SessionLimitsMiddleware",
    "territoires.foundations.identity.middleware.ActorMiddleware",
    "territoires.config.read_only.ReadOnlyMiddleware",
]

# Where the web server listens, and the parts that must beat for /health to answer 200.
BIND = os.environ.get("TERRITOIRES_BIND", "127.0.0.1")
PARTS = [
    "worker",
    "sequencer",
    "followers",
    "timekeeper",
    "opener",
    *(["simulators", "front"] if ENVIRONMENT.is_demonstration else []),
]
if ENVIRONMENT.read_only_mark.exists():
    PARTS = []
# Parts of PARTS that another user or machine runs: here they are listened to and not started.
APART = [name.strip() for name in os.environ.get("TERRITOIRES_APART", "").split(",") if name.strip()]
# A fact that a follower has not read for longer is an alarm: /health and doctor name the follower.
FACTS_FOLLOWED_WITHIN = timedelta(minutes=10)

# A checkpoint that a witness outside has not cosigned for longer is an alarm: /health and doctor name the witness.
WITNESSED_WITHIN = timedelta(minutes=30)

# The antivirus of bids and of what enterprises give: unix:/run/clamav/clamd.ctl, or host:port. Without one the minutes say so.
CLAMD = os.environ.get("TERRITOIRES_CLAMD", "")

# What the tool that judges evidence bundles may take, in bytes: a hostile one is then said not to be judged, and no more.
VERIFIER_MEMORY = int(os.environ.get("TERRITOIRES_VERIFIER_MEMORY", "512")) * 1024 * 1024

# Where people present their certificates: the demonstration's own front, or an address of the proxy in production.
CERTIFICATE_URL = os.environ.get(
    "TERRITOIRES_CERTIFICATE_URL",
    f"https://{ENVIRONMENT.host}:{ENVIRONMENT.front_port}" if ENVIRONMENT.is_demonstration else "",
).rstrip("/")
FRONT_SECRET = secret(ENVIRONMENT.keys, "front")
# Beside the certificate. In production a proxy stands before every port and says the scheme.
ONLY_FROM_THE_FRONT = ["HTTP_X_FORWARDED_PROTO"] if ENVIRONMENT.is_demonstration else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

ROOT_URLCONF = "territoires.config.urls"
WSGI_APPLICATION = "territoires.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "territoires.ui.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "territoires.foundations.registry.context.shell",
            ],
        },
    }
]
COTTON_DIR = "cotton"


# Commands enter as the owner; the supervisor lends its parts the lesser roles.
DATABASES = {"default": entry(address_as(ENVIRONMENT, os.environ.get("TERRITOIRES_DATABASE_ROLE", OWNER)))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits and short-lived states are shared by all processes, so never in local memory.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "registry_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

AUTH_USER_MODEL = "identity.Account"
# auth.W004 asks for a unique e-mail and sees only unique=True: the constraint account_email_once is stricter,
# since it compares in lower case, as signing in does.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "territoires.foundations.identity.passwords.Argon2Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "territoires.foundations.identity.passwords.NamesValidator"},
]
ACCOUNT_ADAPTER = "territoires.foundations.identity.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# An open session alone does not move the account to another address.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# The address is that of one agent or of a whole town hall: its limit is wider than that of the account.
ACCOUNT_RATE_LIMITS = {"login_failed": "5/900s/key,20/300s/ip"}
MFA_ADAPTER = "territoires.foundations.identity.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PLATFORM_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ENVIRONMENT.is_demonstration
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:desks"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ENVIRONMENT.files},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from the packages themselves: nothing to collect. The build already names its files by their content.
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/ui/build/assets/"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": PACKAGE / "ui" / "static" / "ui" / "build" / "manifest.json",
        "static_url_prefix": "ui/build",
    }
}
# The operator's own arc replaces this OID of the examples (docs/operations/trust.md): production refuses it.
TIME_STAMPING_POLICY = os.environ.get("TERRITOIRES_TSA_POLICY") or "2.999.1"
_outside_url = os.environ.get("TERRITOIRES_OUTSIDE_TSA")
OUTSIDE_TIME_STAMPING = _outside_url and {
    "url": _outside_url,
    "policy": os.environ.get("TERRITOIRES_OUTSIDE_TSA_POLICY", ""),
    "roots": Path(os.environ.get("TERRITOIRES_OUTSIDE_TSA_ROOTS", ENVIRONMENT.keys / "outside-roots.pem")),
}
# The witnesses that cosign the journal's checkpoints: the operator's file; in demonstration the simulator writes it.
WITNESSES_CONNECTION = Path(
    os.environ.get("TERRITOIRES_WITNESSES")
    or (
        ENVIRONMENT.var / "simulators" / "witness" / "connection.json"
        if ENVIRONMENT.is_demonstration
        else ENVIRONMENT.keys / "witnesses.json"
    )
)
# How to reach the State's service for acts: the operator's file; in demonstration the simulator writes it.
ACTES_CONNECTION = Path(
    os.environ.get("TERRITOIRES_ACTES")
    or (
        ENVIRONMENT.var / "simulators" / "ministry" / "connection.json"
        if ENVIRONMENT.is_demonstration
        else ENVIRONMENT.keys / "actes.json"
    )
)
# How to reach the approved third party (S2LOW), for the bodies that send by it: likewise.
S2LOW_CONNECTION = Path(
    os.environ.get("TERRITOIRES_S2LOW")
    or (
        ENVIRONMENT.var / "simulators" / "s2low" / "connection.json"
        if ENVIRONMENT.is_demonstration
        else ENVIRONMENT.keys / "s2low.json"
    )
)
# How to reach the publishers of notices and the national open-data portal: files of the operator, as above.
NOTICES_CONNECTIONS = {
    name: Path(
        os.environ.get(f"TERRITOIRES_{name.upper()}")
        or (
            ENVIRONMENT.var / "simulators" / name / "connection.json"
            if ENVIRONMENT.is_demonstration
            else ENVIRONMENT.keys / f"{name}.json"
        )
    )
    for name in ("ted", "boamp", "opendata")
}
# The publisher's registered prefix (OCDS): the operator asks for its own; this one is that of the examples.
OCDS_PREFIX = os.environ.get("TERRITOIRES_OCDS_PREFIX") or "ocds-213czf"
# A room's jobs are in its module of that name.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "territoires.foundations.documents.uploads.BoundedForm",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "territoires.foundations.registry.api.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if not ENVIRONMENT.is_demonstration:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    # Proxies that add to X-Forwarded-For: without them everybody would share the limit of one address.
    ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TERRITOIRES_PROXIES", "1"))

EMAIL_BACKEND = os.environ.get("TERRITOIRES_EMAIL", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_HOST = os.environ.get("TERRITOIRES_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("TERRITOIRES_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("TERRITOIRES_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("TERRITOIRES_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_FILE_PATH = ENVIRONMENT.var / "mail"
DEFAULT_FROM_EMAIL = f"{PLATFORM_NAME} <ne-pas-repondre@{ENVIRONMENT.host}>"
