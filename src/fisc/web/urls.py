"""The addresses of the pages; a module's own pages (ModuleSpec.urls) stand beside the generic ones."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path

from fisc.kernel.modules import registry
from fisc.web.pages import (
    attachments,
    audit,
    books,
    code_lists,
    dashboard,
    delegations,
    document,
    exports,
    figures,
    forms,
    imports,
    inbox,
    jobs,
    lists,
    login,
    lookup,
    people,
    printing,
    reports,
    ruleset,
    vouchers,
)


def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by this name."""
    return HttpResponseRedirect(static("fisc/mark.svg"))


generic: list[URLPattern] = [
    path("", dashboard.dashboard_page, name="dashboard"),
    path("favicon.ico", favicon),
    path("login/", login.login_page, name="login"),
    path("logout/", login.logout_page, name="logout"),
    path("account/password/", login.password_page, name="password"),
    path("account/totp/", login.totp_page, name="totp"),
    path("account/delegation/", delegations.delegations_page, name="delegations"),
    path("inbox/", inbox.inbox_page, name="inbox"),
    path("find/", lookup.find, name="find"),
    path("lookup/<slug:what>/", lookup.lookup, name="lookup"),
    path("d/<str:kind>/", lists.list_page, name="list"),
    path("d/<str:kind>/act/", lists.act_on_many, name="act-on-many"),
    path("d/<str:kind>/views/", lists.save_view, name="save-view"),
    path("views/<int:pk>/drop/", lists.drop_view, name="drop-view"),
    path("d/<str:kind>/new/", forms.new_page, name="new"),
    path("d/<str:kind>/check/", forms.check_live, name="check-live"),
    path("d/<str:kind>/export.xlsx", exports.list_export, name="list-export"),
    path("d/<str:kind>/print/", printing.print_list, name="list-print"),
    path("doc/<int:pk>/", document.document_page, name="document"),
    path("doc/<int:pk>/act/", document.act, name="act"),
    path("doc/<int:pk>/edit/", forms.edit_page, name="edit"),
    path("doc/<int:pk>/log/", document.log_page, name="document-log"),
    path("doc/<int:pk>/print/", printing.print_document, name="document-print"),
    path("doc/<int:pk>/attach/", attachments.upload, name="attach"),
    path("doc/<int:pk>/lines.xlsx", exports.lines_export, name="lines-export"),
    path("attachments/<int:pk>/", attachments.download, name="attachment"),
    path("figures/<str:figure>/", figures.figure_page, name="figure"),
    path("reports/", reports.reports_page, name="reports"),
    path("reports/<str:code>/", reports.report_page, name="report"),
    path("reports/<str:code>/rows/", reports.report_rows, name="report-rows"),
    path("reports/<str:code>/export.xlsx", exports.report_export, name="report-export"),
    path("reports/<str:code>/report.pdf", exports.report_pdf, name="report-pdf"),
    path("reports/<str:code>/print/", printing.print_report, name="report-print"),
    path("ledger/", books.balances_page, name="ledger"),
    path("ledger/lines/", books.lines_page, name="ledger-lines"),
    path("ledger/vouchers/", vouchers.vouchers_page, name="vouchers"),
    path("ledger/entries/<int:pk>/", vouchers.entry_page, name="entry"),
    path("ledger/entries/<int:pk>/print/", printing.print_voucher, name="entry-print"),
    path("ledger/periods/", books.periods_page, name="periods"),
    path("ledger/periods/set/", books.set_period, name="set-period"),
    path("codes/", code_lists.kinds_page, name="codes"),
    path("codes/<slug:kind>/", code_lists.list_page, name="code-list"),
    path("codes/<slug:kind>/new/", code_lists.new_page, name="code-new"),
    path("codes/<slug:kind>/<str:code>/", code_lists.code_page, name="code"),
    path("people/users/", people.users_page, name="users"),
    path("people/users/new/", people.new_user_page, name="user-new"),
    path("people/users/<int:pk>/", people.user_page, name="user"),
    path("people/roles/", people.roles_page, name="roles"),
    path("people/units/", people.units_page, name="units"),
    path("people/chains/", people.chains_page, name="chains"),
    path("jobs/", jobs.jobs_page, name="jobs"),
    path("jobs/<int:pk>/bar/", jobs.job_bar, name="job-bar"),
    path("jobs/<int:pk>/act/", jobs.act_on_job, name="job-act"),
    path("audit/", audit.audit_page, name="audit"),
    path("rules/", ruleset.rules_page, name="rules"),
    path("rules/findings/", ruleset.findings_page, name="findings"),
    path("rules/findings/<int:pk>/", ruleset.finding_page, name="finding"),
    path("rules/findings/<int:pk>/act/", ruleset.act_on_finding, name="finding-act"),
    path("rules/<str:code>/", ruleset.rule_page, name="rule"),
    path("imports/", imports.imports_page, name="imports"),
    path("imports/batch/<int:pk>/", imports.batch_page, name="import-batch"),
    path("imports/batch/<int:pk>/errors.xlsx", imports.error_file, name="import-errors"),
    path("imports/<str:code>/", imports.upload_page, name="import-upload"),
    path("imports/<str:code>/template.xlsx", imports.template_file, name="import-template"),
]


def urls_of_modules() -> list[URLResolver]:
    """The pages that modules bring themselves; they come first, so that they may stand in for a generic one."""
    return [path("", include(module.urls)) for module in registry.current().modules if module.urls]


urlpatterns: list[URLPattern | URLResolver] = [*urls_of_modules(), *generic]
