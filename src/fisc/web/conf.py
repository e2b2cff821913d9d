"""What the pages need of the Django settings; `fisc.project.settings` reads it. Imports nothing of Django."""

MIDDLEWARE: list[str] = [
    "fisc.web.middleware.PageCompression",
    "fisc.web.middleware.SecurityHeaders",
    "fisc.web.middleware.Reader",
    "fisc.web.middleware.Gate",
    "fisc.web.middleware.Doorstep",
]
CONTEXT_PROCESSORS: list[str] = ["fisc.web.shell.shell"]
TEMPLATE_BUILTINS: list[str] = [
    "django.templatetags.static",
    "django_htmx.templatetags.django_htmx",
    "fisc.web.templatetags.fisc_tags",
]
STATICFILES_FINDERS: list[str] = []
AUTHENTICATION_BACKENDS: list[str] = ["django.contrib.auth.backends.ModelBackend"]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
LOGIN_URL = "/login/"
