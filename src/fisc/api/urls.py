"""The addresses of the REST interface."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from fisc.api import errors
from fisc.api.interface import api
from fisc.base.errors import NotFound


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """An address that is none is answered like everything else here."""
    return errors.answer(
        NotFound("接口没有这个地址，请查看 /api/v1/openapi.json。", code="api.no_such_address")
    )


urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", api.urls),
    re_path(r"^.*$", nowhere),
]
