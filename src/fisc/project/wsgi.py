"""The WSGI entry for waitress or any other server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fisc.project.settings")
application = get_wsgi_application()
