"""What the pages need of the Django settings; `fisc.project.settings` reads it. Imports nothing of Django."""

MIDDLEWARE: list[str] = []
CONTEXT_PROCESSORS: list[str] = []
TEMPLATE_BUILTINS: list[str] = []
STATICFILES_FINDERS: list[str] = []
AUTHENTICATION_BACKENDS: list[str] = ["django.contrib.auth.backends.ModelBackend"]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
LOGIN_URL = "/login/"
