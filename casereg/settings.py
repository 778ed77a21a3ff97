"""Every setting of the site, in one file. What a deployment sets is listed in `.env.example`."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

ENVIRONMENT = env.str("CASEREG_ENV", default="production")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured(
        f"CASEREG_ENV is {ENVIRONMENT!r}; accepted: development, production. See .env.example."
    )
IS_PRODUCTION = ENVIRONMENT == "production"


def required(name: str, *, development: str) -> str:
    """The variable's value; in production (or its file, NAME_FILE) it must be set."""
    try:
        value = env.str(name, default="" if IS_PRODUCTION else development).strip()
    except OSError as problem:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {problem}; see .env.example.") from None
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. The site does not start without it in production; see .env.example."
        )
    return value


DEBUG = env.bool("DEBUG", default=False)
DEVELOPMENT_SECRET_KEY = "development-only-never-used-in-production-7c1f"  # noqa: S105
SECRET_KEY = required("SECRET_KEY", development=DEVELOPMENT_SECRET_KEY)
if IS_PRODUCTION and (DEBUG or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured(
        "In production DEBUG stays off and SECRET_KEY has at least 50 characters; see .env.example."
    )
# Secrets of before: what was sealed or signed under one of them still opens.
SECRET_KEY_FALLBACKS = [key.strip() for key in env.list("SECRET_KEY_FALLBACKS", default=[])]
ALLOWED_HOSTS = [
    host.strip() for host in required("ALLOWED_HOSTS", development="127.0.0.1,localhost,[::1]").split(",")
]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Database ------------------------------------------------------------------------------------
DATABASE_URL = required("DATABASE_URL", development="sqlite:///db.sqlite3")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured("DATABASE_URL is not an address of a database; see .env.example.")
# By whom `migrate` is run, where the site's own role does not own the tables; and who that role is, then.
MIGRATION_DATABASE_URL = env.str("MIGRATION_DATABASE_URL", default="").strip()
MIGRATION_DATABASE = env.db_url_config(MIGRATION_DATABASE_URL) if MIGRATION_DATABASE_URL else {}
DATABASE_SITE_ROLE = DATABASES["default"].get("USER", "") if MIGRATION_DATABASE else ""
if MIGRATION_DATABASE and MIGRATION_DATABASE.get("USER") == DATABASE_SITE_ROLE:
    raise ImproperlyConfigured(
        "MIGRATION_DATABASE_URL and DATABASE_URL name one role; the site’s owns nothing: see .env.example."
    )
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A relative name stands beside manage.py, wherever the command is called from.
    DATABASES["default"]["NAME"] = str(BASE_DIR / DATABASES["default"]["NAME"])
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that will write takes the lock first, so it cannot fail half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        # INSERT OR REPLACE deletes rows: without this it would do so past the triggers that refuse it.
        "PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)
    # Milliseconds until a server that vanished from the network is given up.
    DATABASES["default"]["OPTIONS"].setdefault("tcp_user_timeout", 3000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared between workers and surviving a restart: log-in throttling counts here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "casereg_cache",
        # Beyond the default of 300 old entries leave, and with them what was counted against an account.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- What the site is made of --------------------------------------------------------------------
INSTALLED_APPS = [
    "casereg",
    "stats",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "casereg.request_ids.RequestIds",
    "casereg.headers.SecurityHeadersMiddleware",
    "casereg.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "casereg.languages.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casereg.sessions.SessionLimits",
    "casereg.working_region.WorkingRegion",
    "casereg.request_transaction.RequestTransaction",
    "casereg.views.drafts.LogInKeepingDraft",
    "casereg.second_factor.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "casereg.views.errors.MethodNotAllowedPage",
]
ROOT_URLCONF = "casereg.urls"
WSGI_APPLICATION = "casereg.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "casereg.views.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Log-in --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "casereg.User"
# Not allauth's: that one tells whoever knows the password of a deactivated user that it is right, and lets
# one in by an address that an administrator has replaced.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    # The list of common passwords holds few of 12 characters: this one knows the words used here.
    {"NAME": "casereg.passwords.EasyPartsValidator", "OPTIONS": {"min_length": 12}},
]
ACCOUNT_ADAPTER = "casereg.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {
    "login": "casereg.forms.accounts.LoginForm",
    "reauthenticate": "casereg.forms.factors.PasswordProofForm",
    "change_password": "casereg.forms.accounts.ChangePasswordForm",
}
# How often, by the account that is named (`key`) and by the address it comes from (`ip`). The account comes
# first: what it refuses does not count against the address, where colleagues log in too.
ACCOUNT_RATE_LIMITS = {
    "login": None,  # only what fails counts, as the next says
    "login_failed": "5/5m/key",
    "failures_from_address": "100/15m/ip",  # casereg.throttling
    "reset_password": "3/15m/key,30/15m/ip",
    # Wrong codes of a person, besides: only who knows the password gets so far, and a passkey still opens.
    "second_factor_code": "20/d/key",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SESSION_IDLE_MINUTES = 20  # without a request
SESSION_HOURS = 8  # in all, whatever is done
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60  # seconds: a session that has ended is known so long
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Nothing but its own pages opens to whoever has no second factor yet. The demo does without.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=IS_PRODUCTION)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Case register"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds: a telephone's clock may be that much wrong
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 8
MFA_ADAPTER = "casereg.accounts.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "casereg.forms.factors.CodeForm",
    "authenticate_webauthn": "casereg.forms.factors.PasskeyForm",
}
# A passkey comes beside a password: having it is what it proves. "required" would shut out keys without a
# PIN and prove the person twice; devices that know a face or a finger ask for it all the same.
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION  # http://localhost:8000
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds
# --- Mail ----------------------------------------------------------------------------------------
# Where links in mails lead. Never taken from a request, which says what its sender likes.
SITE_ADDRESS = env.str("SITE_ADDRESS", default="") or (
    f"https://{ALLOWED_HOSTS[0]}" if IS_PRODUCTION else "http://127.0.0.1:8000"
)
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default=(
        "django.core.mail.backends.smtp.EmailBackend"
        if IS_PRODUCTION
        else "django.core.mail.backends.console.EmailBackend"
    ),
)
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="").strip()
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10  # seconds: for each step of talking to the mail server
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="casereg@localhost")

# --- Security: security.md of the documentation says why --------------------------------------------
# Named and shaped as Django 6's own setting, which replaces casereg.headers one day.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "casereg.views.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
BROWSER_MARK_COOKIE_NAME, BROWSER_MARK_COOKIE_SECURE = "browser", False  # casereg.browser_marks
MESSAGE_STORAGE = "casereg.message_cookie.MessageStorage"
MESSAGES_COOKIE_NAME = "messages"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    MESSAGES_COOKIE_NAME = "__Host-messages"
    BROWSER_MARK_COOKIE_NAME, BROWSER_MARK_COOKIE_SECURE = "__Host-browser", True
    if env.bool("BEHIND_TLS_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # Log-in is throttled by the address that the proxy saw, not by the proxy's own: else one
        # attacker locks everybody out.
        ALLAUTH_TRUSTED_PROXY_COUNT = 1

# A file that is sent is kept in memory, within a limit, and never written to a disk.
FILE_UPLOAD_HANDLERS = ["casereg.request_bodies.BoundedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# --- Log-in by the agency's OpenID Connect provider: off where no issuer is set ----------------------
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").strip()
if OIDC_ISSUER:
    if [name for name in ("requests", "jwt") if find_spec(name) is None]:
        raise ImproperlyConfigured(
            "OIDC_ISSUER is set, and the packages that it needs are missing: install requirements-oidc.txt; "
            "see .env.example."
        )
    _issuer = urlsplit(OIDC_ISSUER)
    # On a development machine a provider may stand beside the site.
    _is_local = not IS_PRODUCTION and _issuer.hostname in ("127.0.0.1", "localhost")
    if (_issuer.scheme != "https" and not _is_local) or not _issuer.netloc or len(OIDC_ISSUER) > 200:
        raise ImproperlyConfigured(
            "OIDC_ISSUER is not the https address of a provider, of 200 characters at most; see .env.example."
        )
    OIDC_CLIENT_ID = required("OIDC_CLIENT_ID", development="")
    OIDC_CLIENT_SECRET = required("OIDC_CLIENT_SECRET", development="")
    # What the provider calls a log-in that was strong enough: with two factors, as here.
    OIDC_ACR_VALUES = [value.strip() for value in required("OIDC_ACR_VALUES", development="").split(",")]
    OIDC_NAME = required("OIDC_NAME", development="")
    OIDC_ONLY = env.bool("OIDC_ONLY", default=False)
    # Where the browser passes through on its way; browsers apply form-action to redirects too.
    OIDC_ORIGINS = [
        f"{_issuer.scheme}://{_issuer.netloc}",
        *map(str.strip, env.list("OIDC_ORIGINS", default=[])),
    ]
    SECURE_CSP["form-action"] += OIDC_ORIGINS
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    MIDDLEWARE += ["casereg.views.provider.NoPasswords"]
    TEMPLATES[0]["OPTIONS"]["context_processors"] += ["casereg.views.provider.agency_log_in"]  # type: ignore[index]
    ACCOUNT_RATE_LIMITS["provider_log_in"] = "100/15m/ip"
    SOCIALACCOUNT_ADAPTER = "casereg.oidc.AgencyAccountAdapter"
    SOCIALACCOUNT_STORE_TOKENS = False
    SOCIALACCOUNT_REQUESTS_TIMEOUT = 4  # seconds: to connect, and for each part of an answer
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "provider_class": "casereg.oidc.AgencyProvider",
            "APPS": [
                {
                    # A link holds for the issuer that it was made with.
                    "provider_id": OIDC_ISSUER,
                    "name": OIDC_NAME,
                    "client_id": OIDC_CLIENT_ID,
                    "secret": OIDC_CLIENT_SECRET,
                    "settings": {
                        "server_url": f"{OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration",
                        "oauth_pkce_enabled": True,
                        "auth_params": {"acr_values": " ".join(OIDC_ACR_VALUES)},
                    },
                }
            ],
        }
    }

# --- Language, time, numbers ---------------------------------------------------------------------
LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"
USE_THOUSAND_SEPARATOR = False

# --- Static files --------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if IS_PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_AUTOREFRESH = not IS_PRODUCTION

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "casereg.logs.JsonLines" if IS_PRODUCTION else "casereg.logs.ReadableLines"}
    },
    "filters": {"request_id": {"()": "casereg.logs.RequestIdFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Without Django's own handlers, one of which would mail whole requests to ADMINS.
        "django": {"handlers": [], "level": "WARNING"},
        # A refused address names a case's id: the trail has it, the log has not.
        "django.request": {"level": "ERROR"},
    },
}
