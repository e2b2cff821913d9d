"""Error pages in the style of the product: what happened, whether data was saved, what to do, a number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fisc.base.errors import FiscError
from fisc.web import ways

TITLES = {
    400: ("请求的内容不对", "地址或填写的内容不完整，数据没有保存。请返回上一页检查后再试。"),
    403: ("您没有办理此事项的权限", "数据没有更改。确需办理的，请联系安全管理员授权。"),
    404: ("没有找到这个页面", "地址可能已变，或您无权查看其内容。可以从左侧菜单进入，或在上方查找。"),
    409: ("操作没有完成", "数据没有更改。"),
    500: ("系统出错了", "本次操作没有保存。请稍后再试；仍不行时，把错误号告诉系统管理员。"),
}


def page(request: HttpRequest, *, status: int, number: str = "", text: str = "") -> HttpResponse:
    """This will answer with the error page (or its sentence, for a part of a page)."""
    title, advice = TITLES.get(status, TITLES[400])
    context = {"status": status, "title": title, "advice": text or advice, "number": number}
    # a fault may sit in the shell itself, so its page goes without
    inside = status != 500 and getattr(request, "user", None) is not None and request.user.is_authenticated
    template = "web/error.html" if inside else "web/error_bare.html"
    response = render(request, template, context, status=status)
    if number:
        response.headers["X-Error-Number"] = number
    return response


def refused(request: HttpRequest, error: FiscError, *, status: int) -> HttpResponse:
    """This will answer a refusal: the sentence, the numbers behind it, and the lawful ways on."""
    view = ways.refusal_view(error)
    if getattr(request, "htmx", False):
        return render(request, "web/parts/refusal.html", {"refusal": view})
    return render(request, "web/refused.html", {"refusal": view, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return page(request, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return page(request, status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 because the form is stale: the session ended or cookies are off."""
    return page(request, status=403, text="页面停留过久或登录已失效，数据没有提交。请刷新页面后重新提交。")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return page(request, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, when even the middleware could not answer."""
    return page(request, status=500)
