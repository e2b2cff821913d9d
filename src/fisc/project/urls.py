"""All addresses: health and measurements here, the rest from web, api and the modules."""

from django.urls import include, path

from fisc.project import observation

urlpatterns = [
    path("healthz", observation.healthz, name="healthz"),
    path("metrics", observation.metrics, name="metrics"),
    path("api/", include("fisc.api.urls")),
    path("", include("fisc.web.urls")),
]
