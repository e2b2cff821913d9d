"""The posts of a finance bureau and their rights, as defaults: data that the security administrator may edit.

A permission is ``<kind>.<step>``, ``<kind>.view`` or ``<area>.<verb>``; a role holds fnmatch patterns.
Source: the common roles of budget work (经办 → 审核 → 业务股室 → 预算股 → 国库股 → 局领导) and 三员 of
GB/T 22239-2019 8.1.5: the system administrator keeps accounts, the security administrator grants rights, the
audit administrator reads the logs, and none of them touches business.
"""

from __future__ import annotations

from dataclasses import dataclass

# What everybody in business may look at.
_VIEW_COMMON = ("codes.view", "figures.view", "reports.view", "documents.view", "ledger.view", "orgs.view")
_VIEW_BUSINESS = (
    *_VIEW_COMMON,
    *("projects.*.view", "budget.*.view", "treasury.*.view", "revenue.*.view", "narrative.*.view"),
    *(
        "projects.view",
        "budget.view",
        "treasury.view",
        "revenue.view",
        "narrative.view",
        "rules.view",
        "findings.view",
    ),
)


@dataclass(frozen=True)
class RoleDefault:
    """A role as shipped; ``group`` is business or one of the three administrators."""

    code: str
    name: str
    permissions: tuple[str, ...]
    group: str = "business"
    sees_all_units: bool = False


def _maker(kind: str) -> tuple[str, ...]:
    """The steps of a maker (经办) on one document kind; nothing that decides."""
    return tuple(
        f"{kind}.{step}" for step in ("view", "create", "edit", "submit", "withdraw", "void", "attach")
    )


def _reviewer(kind: str) -> tuple[str, ...]:
    """The steps of a reviewer (审核) on one document kind; nothing that makes."""
    return tuple(f"{kind}.{step}" for step in ("view", "approve", "send_back", "attach"))


STANDING_ROLES: tuple[RoleDefault, ...] = (
    RoleDefault(
        "unit_maker",
        "单位经办",
        (
            *_VIEW_COMMON,
            "projects.view",
            "budget.view",
            "budget.*.view",
            *_maker("projects.*"),
            *_maker("treasury.payment"),
            *_maker("treasury.batch"),
            *_maker("treasury.cash_plan"),
            *_maker("budget.virement"),
            "treasury.*.view",
            "imports.treasury.batch",
        ),
    ),
    RoleDefault(
        "unit_reviewer",
        "单位审核",
        (
            *_VIEW_COMMON,
            "budget.*.view",
            "projects.*.view",
            "treasury.*.view",
            *_reviewer("projects.*"),
            *_reviewer("treasury.*"),
            *_reviewer("budget.virement"),
        ),
    ),
    RoleDefault(
        "section_reviewer",
        "业务股室",
        (
            *_VIEW_COMMON,
            "budget.*.view",
            "projects.*.view",
            "treasury.*.view",
            "revenue.*.view",
            "rules.view",
            *_reviewer("projects.*"),
            *_reviewer("treasury.*"),
            *_reviewer("budget.*"),
        ),
    ),
    RoleDefault(
        "budget_officer",
        "预算股经办",
        (
            *_VIEW_BUSINESS,
            *_maker("budget.*"),
            *_maker("projects.*"),
            *_maker("revenue.task"),
            "imports.budget.*",
            "imports.projects.*",
            "imports.revenue.task*",
            "narrative.*",
            "codes.propose",
        ),
        sees_all_units=True,
    ),
    RoleDefault(
        "budget_reviewer",
        "预算股审核",
        (
            *_VIEW_BUSINESS,
            *_reviewer("budget.*"),
            *_reviewer("projects.*"),
            *_reviewer("revenue.task"),
            "narrative.*",
            "codes.edit",
            "rules.edit",
            "metrics.edit",
        ),
        sees_all_units=True,
    ),
    RoleDefault(
        "treasury_officer",
        "国库经办",
        (
            *_VIEW_BUSINESS,
            *_maker("treasury.*"),
            "treasury.*.send",
            "treasury.*.receive",
            "treasury.*.clear",
            "treasury.*.book",
            "treasury.*.refuse_bank",
            "treasury.bank.*",
            "imports.treasury.*",
        ),
        sees_all_units=True,
    ),
    RoleDefault(
        "treasury_reviewer",
        "国库审核",
        (
            *_VIEW_BUSINESS,
            *_reviewer("treasury.*"),
            "treasury.*.send",
            "treasury.*.clear",
            "ledger.close",
            "ledger.reopen",
            "narrative.*",
        ),
        sees_all_units=True,
    ),
    RoleDefault(
        "revenue_officer",
        "收入经办",
        (*_VIEW_BUSINESS, *_maker("revenue.*"), "revenue.*.correct", "imports.revenue.*"),
        sees_all_units=True,
    ),
    RoleDefault(
        "revenue_reviewer",
        "收入审核",
        (
            *_VIEW_BUSINESS,
            *_reviewer("revenue.*"),
            "revenue.*.post",
            "revenue.*.reverse",
            "revenue.sharing.set",
        ),
        sees_all_units=True,
    ),
    RoleDefault(
        "leader",
        "局领导",
        (*_VIEW_BUSINESS, "*.approve", "*.send_back", "narrative.*", "approvals.delegate"),
        sees_all_units=True,
    ),
    RoleDefault(
        "auditor",
        "监督",
        (*_VIEW_BUSINESS, "rules.*", "findings.*", "ledger.verify"),
        sees_all_units=True,
    ),
    RoleDefault(
        "system_admin",
        "系统管理员",
        (
            "orgs.view",
            "orgs.users.view",
            "orgs.users.edit",
            "orgs.units.edit",
            "orgs.clock.edit",
            "jobs.*",
            "system.*",
        ),
        group="system_admin",
    ),
    RoleDefault(
        "security_admin",
        "安全管理员",
        (
            "orgs.view",
            "orgs.users.view",
            "orgs.roles.view",
            "orgs.roles.edit",
            "orgs.grants.*",
            "orgs.policy.edit",
        ),
        group="security_admin",
    ),
    RoleDefault(
        "audit_admin",
        "审计管理员",
        (
            "orgs.view",
            "orgs.users.view",
            "orgs.roles.view",
            "events.audit.view",
            "events.audit.export",
            "ledger.verify",
        ),
        group="audit_admin",
    ),
)
