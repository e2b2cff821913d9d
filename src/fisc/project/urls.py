"""All addresses: health and measurements here, the rest from web, api and the modules."""

from django.urls import include, path

from fisc.project import observation

urlpatterns = [
    path("healthz", observation.healthz, name="healthz"),
    path("metrics", observation.metrics, name="metrics"),
    path("api/", include("fisc.api.urls")),
    path("", include("fisc.web.urls")),
]

handler400 = "fisc.web.errors.bad_request"
handler403 = "fisc.web.errors.forbidden"
handler404 = "fisc.web.errors.not_found"
handler500 = "fisc.web.errors.server_error"
