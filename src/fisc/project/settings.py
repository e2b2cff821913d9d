"""Django settings. Every choice of an installation is an environment variable; no secret stands in this file."""

import os

from fisc.project import database, paths
from fisc.project.installed import MODULES
from fisc.web import conf as web

VAR = paths.var_dir()
DEBUG = os.environ.get("FISC_DEBUG") == "1"
SECRET_KEY = os.environ.get("FISC_SECRET_KEY") or paths.load_secrets()["secret_key"]
ALLOWED_HOSTS = os.environ.get("FISC_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("FISC_TRUSTED_ORIGINS", "").split(",") if origin]

KERNEL_APPS = [
    f"fisc.kernel.{name}"
    for name in (
        "codes", "orgs", "events", "ledger", "rules", "documents", "approvals", "metrics", "reports", "exchange",
    )
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    *KERNEL_APPS,
    "fisc.jobs",
    "fisc.web",
    "fisc.api",
    *MODULES,
    "fisc.project.apps.ProjectConfig",  # last: what follows each migration needs every table
]
AUTH_USER_MODEL = "orgs.User"
# log-in names are unique whatever their case: by an index over LOWER(username), which these checks cannot see
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
AUTHENTICATION_BACKENDS = web.AUTHENTICATION_BACKENDS

MIDDLEWARE = [
    "fisc.project.observation.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    *web.MIDDLEWARE,
]
ROOT_URLCONF = "fisc.project.urls"
WSGI_APPLICATION = "fisc.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                *web.CONTEXT_PROCESSORS,
            ],
            "builtins": web.TEMPLATE_BUILTINS,
        },
    }
]
FORM_RENDERER = web.FORM_RENDERER

DATABASES = {"default": database.settings_for_django(os.environ)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = (
    None  # nothing is collected: whitenoise reads the packages' files at start and keeps them in memory
)
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    *web.STATICFILES_FINDERS,
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = VAR / "media"  # outside of anything that is served; downloads go through a checked view
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LOGIN_URL = web.LOGIN_URL
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = int(os.environ.get("FISC_SESSION_IDLE_SECONDS", 30 * 60))
SESSION_SAVE_EVERY_REQUEST = True  # so that the age counts from the last request: an idle limit
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fisc.web.errors.csrf_failed"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# FISC_HTTPS=1 behind a proxy that ends TLS and sets X-Forwarded-Proto itself
HTTPS = os.environ.get("FISC_HTTPS") == "1"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "fisc.project.observation.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if os.environ.get("FISC_LOG") == "json" else "text",
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("FISC_LOG_LEVEL", "WARNING")},
    "loggers": {
        "django": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
