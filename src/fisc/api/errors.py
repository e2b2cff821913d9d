"""Every answer that is not a success has one shape: {code, message, facts, ways}."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from fisc.api.tokens import NotLoggedIn, TooOften, WrongLogin
from fisc.base.errors import BadInput, Conflict, FiscError, NotAllowed, NotFound, Refusal
from fisc.kernel.exchange.errors import FileRefused
from fisc.kernel.metrics.catalogue import UnknownMetric

logger = logging.getLogger("fisc.api")
STATUS: tuple[tuple[type[FiscError], int], ...] = (
    (NotLoggedIn, 401),
    (WrongLogin, 401),
    (TooOften, 429),
    (NotAllowed, 403),
    (NotFound, 404),
    (UnknownMetric, 404),
    (FileRefused, 400),
    (BadInput, 400),
    (Conflict, 409),
    (Refusal, 409),
)
"""The first that fits; any other refusal is 400."""
PROBLEMS = frozenset({400, 401, 403, 404, 409, 413, 429})
"""What every operation may answer besides its success."""


def status_of(error: FiscError) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def body_of(error: FiscError) -> dict[str, Any]:
    """The wire form of a refusal."""
    ways = [
        {"label": way.label, "target": way.target, "params": plain(dict(way.params))}
        for way in getattr(error, "ways", ())
    ]
    return {"code": error.error_code, "message": error.message, "facts": plain(error.facts), "ways": ways}


def plain(value: Any) -> Any:
    """JSON of whatever stands in the facts."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def answer(error: FiscError, *, status: int | None = None) -> HttpResponse:
    """The HTTP answer of a refusal."""
    response = JsonResponse(
        body_of(error), status=status or status_of(error), json_dumps_params={"ensure_ascii": False}
    )
    if response.status_code == 401:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        response["Retry-After"] = str(error.facts.get("seconds", 60))
    return response


def install(api: NinjaAPI) -> None:
    """This will make the interface answer every error in the one shape."""

    @api.exception_handler(FiscError)
    def refused(request: HttpRequest, error: FiscError) -> HttpResponse:
        return answer(error)

    @api.exception_handler(AuthenticationError)
    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return answer(NotLoggedIn())

    @api.exception_handler(ValidationError)
    def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = [
            {"where": ".".join(str(part) for part in problem["loc"]), "why": str(problem["msg"])}
            for problem in error.errors
        ]
        named = "、".join(field["where"] for field in fields[:5])
        found = BadInput.of(
            "api.bad_request", "请求内容不符合接口说明：{named}。", named=named, fields=fields
        )
        return answer(found)

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = "api.bad_request" if error.status_code == 400 else "api.http"
        return answer(BadInput(f"请求不能受理：{error.message}", code=code), status=error.status_code)

    @api.exception_handler(Http404)
    def absent(request: HttpRequest, error: Http404) -> HttpResponse:
        return answer(NotFound())

    @api.exception_handler(IntegrityError)
    def constrained(request: HttpRequest, error: IntegrityError) -> HttpResponse:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        logger.warning("constraint %s refused %s %s", name, request.method, request.path)
        found = Conflict(
            "数据库按约束拒绝了这次写入，什么也没有改变。", code="api.constraint", constraint=name
        )
        return answer(found)

    @api.exception_handler(DataError)
    def unfit(request: HttpRequest, error: DataError) -> HttpResponse:
        return answer(BadInput("有内容超出长度或范围，什么也没有改变。", code="api.out_of_range"))

    @api.exception_handler(Exception)
    def fault(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("fault at %s %s", request.method, request.path, exc_info=error)
        found = FiscError("系统出错，操作没有完成；请把时间和地址告诉管理员。", code="api.fault")
        return answer(found, status=500)


def readable(text: str) -> Any:
    """JSON typed into a form field. :raises BadInput: it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("params 不是合法的 JSON。", code="api.bad_request") from error
