"""Log-in for programs: tokens made, listed, revoked; who am I; is the service well."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Status

from fisc.api import tokens
from fisc.api.access import actor_of, ip_of, now
from fisc.api.errors import PROBLEMS
from fisc.api.models import Token
from fisc.api.schemas import ErrorOut, HealthOut, Id, IssuedOut, LoginIn, MeOut, TokenOut

router = Router(tags=["登录"])


@router.get(
    "/health", response={200: HealthOut, PROBLEMS: ErrorOut}, auth=None, summary="服务是否正常（不需登录）"
)
def health(request: HttpRequest) -> dict[str, object]:
    return {"status": "ok", "version": version("fisc"), "business_date": now().date()}


@router.post("/tokens", response={201: IssuedOut, PROBLEMS: ErrorOut}, auth=None, summary="登录并取得令牌")
def log_in(request: HttpRequest, body: LoginIn) -> Status[Any]:
    issued = tokens.issue(**body.dict(), ip=ip_of(request), at=timezone.now())
    return Status(201, {"token": issued.secret, "about": token_out(issued.token)})


@router.get("/tokens", response={200: list[TokenOut], PROBLEMS: ErrorOut}, summary="我的令牌")
def list_tokens(request: HttpRequest) -> list[dict[str, object]]:
    return [token_out(token) for token in tokens.of(actor_of(request))]


@router.delete("/tokens/{token_id}", response={200: TokenOut, PROBLEMS: ErrorOut}, summary="撤销我的令牌")
def revoke_token(request: HttpRequest, token_id: Path[Id]) -> dict[str, object]:
    return token_out(tokens.revoke(token_id, actor=actor_of(request), at=timezone.now()))


@router.get("/me", response={200: MeOut, PROBLEMS: ErrorOut}, summary="我是谁，有哪些权限")
def me(request: HttpRequest) -> dict[str, object]:
    actor = actor_of(request)
    return {
        "username": actor.username,
        "name": actor.name,
        "roles": sorted(actor.roles),
        "permissions": sorted(actor.permissions),
        "unit_id": actor.unit_id,
        "section_code": actor.section_code,
        "sees_all_units": actor.sees_everything,
    }


def token_out(token: Token) -> dict[str, object]:
    return {name: getattr(token, name) for name in TokenOut.model_fields}
