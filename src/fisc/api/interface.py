"""The interface put together: /api/v1, described by /api/v1/openapi.json."""

from __future__ import annotations

from ninja import NinjaAPI

from fisc.api import errors
from fisc.api.access import TokenBearer
from fisc.api.endpoints import documents, figures, imports, lists, people

api = NinjaAPI(
    title="Fisc 财政一本账 开放接口",
    version="1",
    description="金额一律为整数“分”。除 /health 和 POST /tokens 外都要带令牌：`Authorization: Bearer fisc_…`。"
    "令牌的权限就是持有人的权限。出错时返回 {code, message, facts, ways}。",
    docs_url=None,  # its page loads scripts from elsewhere; the description itself is enough for any viewer
    urls_namespace="api-v1",
    auth=TokenBearer(),
)
errors.install(api)
for part in (people, documents, figures, lists, imports):
    api.add_router("", part.router)
