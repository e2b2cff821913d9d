"""Every installed module has the one shape: these tests run over the registry, so a new module is tested at once.

A failure says in words what the module lacks; `make new-module` writes one that passes.
"""

from __future__ import annotations

import importlib
import re
import zipfile
from pathlib import Path

import lucide
import pytest
from django.apps import apps
from django.db import connection, models

from fisc.kernel.documents.models import Document
from fisc.kernel.documents.spec import CHAIN_STEPS, HEADER_FIELDS
from fisc.kernel.exchange.template_file import template
from fisc.kernel.ledger.charts import all_subjects
from fisc.kernel.metrics.spec import FigureRequest, Flow, Metric, ViewCount
from fisc.kernel.modules import registry
from fisc.kernel.modules.spec import NAV_GROUPS
from fisc.kernel.orgs.actor import _covers
from fisc.kernel.orgs.clock import business_now
from fisc.kernel.orgs.models import Role
from fisc.kernel.rules import standing
from fisc.kernel.rules.load import read_rules
from fisc.kernel.rules.models import Rule
from fisc.kernel.rules.views import describe

SOURCE = Path(__file__).resolve().parents[2] / "src" / "fisc"
DOMAINS = SOURCE / "domains"
MODULES = registry.current().modules
KINDS = [kind for module in MODULES for kind in module.kinds]
FILES = (
    "__init__.py",
    "apps.py",
    "module.py",
    "models.py",
    "services.py",
    "README.md",
    "migrations/__init__.py",
)
SECTIONS = ("业务", "单据", "状态", "科目", "口径")
TONES = {"draft", "waiting", "running", "done", "wrong"}
CODE_KINDS = {
    "function", "economic_department", "economic_government", "fund", "revenue", "region", "treasury_account",
    "asset_class", "procurement", "transfer_type", "livelihood", "debt_risk", "economic_mapping",
}  # fmt: skip
EMITTED = re.compile(r'NewEvent\(\s*name="([a-z_.]+)"|[A-Z]+_EVENT = "([a-z_.]+)"')
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FREE_PERMISSIONS = ("codes.", "figures.", "reports.", "ledger.", "orgs.", "events.", "rules.", "findings.")

per_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
per_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


def models_of(module):
    return list(apps.get_app_config(module.name).get_models())


def plain(field: models.Field) -> models.Field:
    """The field itself, or of a generated one what it gives."""
    return field.output_field if isinstance(field, models.GeneratedField) else field


def domain_of(module):
    return DOMAINS / module.name


def resolves(model: type[models.Model], path: str) -> bool:
    """Whether an ORM path (document__unit__name) leads to a column."""
    current: type[models.Model] | None = model
    for part in path.split("__"):
        if current is None:
            return False
        try:
            field = current._meta.pk if part == "pk" else current._meta.get_field(part.removesuffix("_id"))
        except Exception:  # noqa: BLE001 - FieldDoesNotExist of any registry
            return False
        current = getattr(field, "related_model", None)
    return True


def test_the_modules_are_those_of_the_installation():
    from fisc.project.installed import MODULES as INSTALLED

    assert [f"fisc.domains.{module.name}" for module in MODULES] == list(INSTALLED)


class TestFolder:
    """模块目录：文件齐全，说明书一页，迁移有名。"""

    @per_module
    def test_the_files_are_there(self, module):
        missing = [name for name in FILES if not (domain_of(module) / name).exists()]
        if module.chart is not None:
            missing += [name for name in ("postings.py",) if not (domain_of(module) / name).exists()]
        if module.metrics:
            missing += [name for name in ("metrics.py",) if not (domain_of(module) / name).exists()]

        assert not missing

    @per_module
    def test_there_are_tests(self, module):
        assert list((domain_of(module) / "tests").glob("test_*.py"))

    @per_module
    def test_the_readme_tells_the_business(self, module):
        text = (domain_of(module) / "README.md").read_text(encoding="utf-8")

        missing = [word for word in SECTIONS if not re.search(rf"^(#+\s*|\*\*){word}", text, re.MULTILINE)]

        assert not missing, f"README.md 缺少 {missing}"
        assert text.startswith("# ") and CHINESE.search(text.splitlines()[0])

    @per_module
    def test_the_spec_is_one_page(self, module):
        lines = (domain_of(module) / "module.py").read_text(encoding="utf-8").splitlines()

        assert len(lines) <= 150

    @per_module
    def test_migrations_say_what_they_do(self, module):
        names = [path.stem for path in (domain_of(module) / "migrations").glob("0*.py")]

        assert names
        assert not [name for name in names if "auto" in name or re.fullmatch(r"\d+_initial", name)]

    def test_the_spec_of_specs_is_one_page(self):
        lines = (SOURCE / "kernel" / "modules" / "spec.py").read_text(encoding="utf-8").splitlines()

        assert len(lines) <= 150


class TestTables:
    """数据表：以模块名开头；金额以分存 bigint；约束有名。"""

    @per_module
    def test_names_begin_with_the_module(self, module):
        wrong = [
            m._meta.db_table for m in models_of(module) if not m._meta.db_table.startswith(f"{module.name}_")
        ]

        assert not wrong

    @per_module
    def test_money_is_whole_fen_in_a_bigint(self, module):
        wrong = []
        for model in models_of(module):
            for field in model._meta.concrete_fields:
                kind = plain(field)
                if field.name.endswith("_fen") and not isinstance(kind, models.BigIntegerField):
                    wrong.append(f"{model.__name__}.{field.name} is no bigint")
                if isinstance(kind, models.FloatField) or (
                    re.search(r"amount|balance|money", field.name) and isinstance(kind, models.DecimalField)
                ):
                    wrong.append(f"{model.__name__}.{field.name} is not whole fen")

        assert not wrong

    @per_module
    def test_amounts_have_chinese_names(self, module):
        wrong = [
            f"{model.__name__}.{field.name}"
            for model in models_of(module)
            for field in model._meta.concrete_fields
            if field.name.endswith("_fen") and not CHINESE.search(str(plain(field).verbose_name))
        ]

        assert not wrong

    @per_module
    def test_constraints_and_indexes_say_whose_they_are(self, module):
        wrong = [
            item.name
            for model in models_of(module)
            for item in (*model._meta.constraints, *model._meta.indexes)
            if not item.name.startswith(f"{module.name}_")
        ]

        assert not wrong

    @per_module
    def test_a_document_row_is_protected(self, module):
        """明细可以随主表删除，单据和其他主数据一律 PROTECT。"""
        own = set(models_of(module))
        wrong = [
            f"{model.__name__}.{field.name}"
            for model in models_of(module)
            for field in model._meta.concrete_fields
            if field.remote_field
            and field.remote_field.on_delete is not models.PROTECT
            and field.related_model not in own
        ]

        assert not wrong


class TestLife:
    """单据：状态有名有色，每一步、每个状态都走得到。"""

    @per_kind
    def test_states_have_labels_and_tones(self, kind):
        codes = [state.code for state in kind.states]

        assert len(set(codes)) == len(codes)
        assert kind.first_state in codes
        assert set(kind.editable_states) <= {*codes, "draft", "returned"}
        assert not [s.code for s in kind.states if s.tone not in TONES or not CHINESE.search(s.label)]

    @per_kind
    def test_steps_lead_from_states_to_states(self, kind):
        codes = {state.code for state in kind.states}
        names = [step.name for step in kind.steps]
        wrong = [step.name for step in kind.steps if not {*step.from_states, step.to_state} - {None} <= codes]

        assert len(set(names)) == len(names)
        assert not wrong
        assert not [
            step.name for step in kind.steps if not step.from_states or not CHINESE.search(step.label)
        ]
        assert not [n for n in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", n)]

    @per_kind
    def test_every_state_and_step_is_reachable(self, kind):
        seen = {kind.first_state}
        for _ in kind.states:
            for step in kind.steps:
                if seen & set(step.from_states):
                    seen |= targets(kind, step)

        assert not {state.code for state in kind.states} - seen
        assert not [step.name for step in kind.steps if not seen & set(step.from_states)]

    @per_kind
    def test_a_chain_has_its_steps_and_its_nodes(self, kind):
        if kind.flow is None:
            return
        defaults = [d.kind for module in MODULES for d in module.chains]

        assert {step.name for step in kind.steps} >= set(CHAIN_STEPS)
        assert kind.code in defaults
        assert kind.step("send_back").reason, "退回须写理由"

    @per_kind
    def test_events_are_in_the_past_tense(self, kind):
        events = [step.event for step in kind.steps if step.event]

        assert not [event for event in events if not event.startswith(f"{kind.code}.")]
        assert not [e for e in events if not re.search(r"(ed|en|sent|paid|made|put|set|withdrawn)$", e)]


def targets(kind, step) -> set[str]:
    """The states a step may lead to."""
    if step.to_state is not None:
        return {step.to_state}
    if kind.flow is not None and step.name in CHAIN_STEPS:
        flow = kind.flow
        return {
            "submit": {flow.in_review, flow.approved},
            "approve": {flow.approved},
            "send_back": {flow.returned},
            "withdraw": {flow.draft},
        }[step.name]
    return {state.code for state in kind.states}  # the module's own function decides


class TestPages:
    """页面声明：栏目、列、筛选都取得到数，编号前缀不重复。"""

    @per_kind
    def test_fields_and_columns_are_given(self, kind):
        assert kind.fields and kind.columns
        assert kind.columns[0].kind == "number", "列表第一列是单号"
        assert any(column.kind == "state" for column in kind.columns)

    @per_kind
    def test_fields_lead_to_header_or_row(self, kind):
        wrong = [
            field.key
            for field in kind.fields
            if field.key not in HEADER_FIELDS
            and not hasattr(Document, field.key)
            and not resolves(kind.model, field.key)
            and not isinstance(getattr(kind.model, field.key, None), property)
        ]

        assert not wrong

    @per_kind
    def test_labels_are_chinese(self, kind):
        labels = (
            [f.label for f in kind.fields] + [c.head for c in kind.columns] + [f.label for f in kind.filters]
        )
        labels += [c.head for c in kind.line_columns] + [kind.title]

        assert not [label for label in labels if not CHINESE.search(label)]

    @per_kind
    def test_code_and_choice_fields_are_whole(self, kind):
        wrong = [f.key for f in kind.fields if f.kind == "code" and f.code_kind not in CODE_KINDS]
        wrong += [f.key for f in kind.fields if f.kind == "choice" and not f.choices]
        installed = registry.current().kinds
        wrong += [f.key for f in kind.fields if f.document_kind and f.document_kind not in installed]
        wrong += [
            c.key for c in kind.columns if c.kind == "code" and c.code_kind and c.code_kind not in CODE_KINDS
        ]

        assert not wrong

    @per_kind
    def test_columns_and_filters_lead_to_the_database(self, kind):
        wrong = [column.key for column in kind.columns if not resolves(kind.model, column.path)]
        wrong += [filter.key for filter in kind.filters if not resolves(kind.model, filter.path)]
        if kind.line_model is not None:
            wrong += [
                column.key for column in kind.line_columns if not resolves(kind.line_model, column.path)
            ]

        assert not wrong

    @per_kind
    def test_the_table_hangs_on_the_header(self, kind):
        key = kind.model._meta.pk

        assert (
            isinstance(key, models.OneToOneField) and key.related_model is Document and key.name == "document"
        )

    @per_kind
    def test_the_prefix(self, kind):
        assert re.fullmatch(r"[A-Z]{2,4}", kind.prefix)
        assert kind.code.split(".")[0] in {module.name for module in MODULES}

    @per_module
    def test_navigation(self, module):
        kinds = registry.current().kinds
        wrong = [item.label for item in module.nav if item.is_kind and item.target not in kinds]
        wrong += [item.label for item in module.nav if item.group not in NAV_GROUPS]
        tops = {(item.group, item.label) for spec in MODULES for item in spec.nav if not item.under}
        wrong += [item.label for item in module.nav if item.under and (item.group, item.under) not in tops]
        wrong += [item.label for item in module.nav if not CHINESE.search(item.label)]

        assert not wrong

    @per_module
    def test_icons_exist(self, module):
        wanted = {item.icon for item in module.nav} | {kind.icon for kind in module.kinds}
        archive = next(Path(lucide.__file__).parent.glob("*.zip"))
        with zipfile.ZipFile(archive) as icons:
            known = {Path(name).stem for name in icons.namelist()}

        assert not wanted - known

    @per_module
    def test_its_own_addresses_load(self, module):
        if module.urls:
            assert importlib.import_module(module.urls).urlpatterns


@pytest.mark.django_db
class TestRights:
    """权限：每一步都有角色可办，审批环节的角色有审批权。"""

    @per_kind
    def test_every_step_has_a_role(self, kind):
        wanted = [step.name for step in kind.steps if not step.auto] + ["view"]
        if kind.create is not None and any(not step.auto for step in kind.steps):
            wanted.append("create")
        roles = [frozenset(role.permissions) for role in Role.objects.filter(group="business")]

        missing = [verb for verb in wanted if not any(_covers(held, kind.permission(verb)) for held in roles)]

        assert not missing

    @per_module
    def test_nodes_may_approve(self, module):
        held = {role.code: frozenset(role.permissions) for role in Role.objects.all()}
        wrong = [
            f"{default.kind} {node.label} {verb}"
            for default in module.chains
            for node in default.nodes
            for verb in ("view", "approve", "send_back")
            if not _covers(held.get(node.role, frozenset()), f"{default.kind}.{verb}")
        ]

        assert not wrong

    @per_module
    def test_administrators_have_no_business(self, module):
        admins = Role.objects.exclude(group="business")
        wrong = [
            (role.code, kind.code)
            for role in admins
            for kind in module.kinds
            if any(_covers(frozenset(role.permissions), kind.permission(step.name)) for step in kind.steps)
        ]

        assert not wrong

    @per_module
    def test_pages_and_imports_have_a_role(self, module):
        roles = [frozenset(role.permissions) for role in Role.objects.filter(group="business")]
        wanted = {item.permission for item in module.nav} | {spec.permission for spec in module.imports}

        assert not [p for p in wanted if not any(_covers(held, p) for held in roles)]


@pytest.mark.django_db
class TestFigures:
    """指标：引用的指标、科目、视图都存在，口径写明。"""

    @per_module
    def test_inputs_exist(self, module):
        known = registry.current().metrics
        missing = [
            (metric.code, wanted.metric)
            for metric in module.metrics
            if not isinstance(metric.source, Flow | ViewCount)
            for wanted in metric.source.inputs(FigureRequest(metric=metric.code, year=2023, month=6))
            if wanted.metric not in known
        ]

        assert not missing

    @per_module
    def test_subjects_are_in_the_chart(self, module):
        """A subject of a metric is a code of the chart or the beginning of some (63 = 631, 635, 636)."""
        charts = {(s.book, s.code[:length]) for s in all_subjects() for length in range(1, len(s.code) + 1)}
        missing = [
            (metric.code, subject)
            for metric in module.metrics
            if isinstance(metric.source, Flow)
            for subject in metric.source.subjects
            if (metric.source.book, subject) not in charts
        ]

        assert not missing

    @per_module
    def test_views_exist(self, module):
        views = {metric.source.view for metric in module.metrics if isinstance(metric.source, ViewCount)}
        views |= {kind.fact_view for kind in module.kinds if kind.fact_view}
        with connection.cursor() as cursor:
            missing = []
            for view in views:
                cursor.execute("SELECT to_regclass(%s)", [view])
                if cursor.fetchone() == (None,):
                    missing.append(view)

        assert not missing

    @per_module
    def test_scope_and_title_are_written(self, module):
        def unwritten(metric: Metric) -> bool:
            return not CHINESE.search(metric.title) or not CHINESE.search(metric.scope)

        assert not [metric.code for metric in module.metrics if unwritten(metric)]

    @per_module
    def test_reports_name_known_metrics(self, module):
        known = registry.current().metrics
        missing = [
            (report.code, column.metric)
            for report in module.reports
            for group in report.groups
            for column in group.columns
            if column.metric not in known
        ]

        assert not missing


@pytest.mark.django_db
class TestData:
    """导入、规则、检查、订阅：模板能下载，规则能编译，检查在空库成立。"""

    @per_module
    def test_imports_have_templates(self, module):
        for spec in module.imports:
            assert template(spec, year=2023)[:2] == b"PK", spec.code
            assert spec.template_example_rows, spec.code
            assert CHINESE.search(spec.title) and CHINESE.search(spec.description)

    @per_module
    def test_rules_are_active(self, module):
        if module.rules is None:
            return
        shipped = {rule.draft.code for rule in read_rules(module.rules, module=module.name)}
        active = set(Rule.objects.filter(state="active", module=module.name).values_list("code", flat=True))

        assert shipped <= active

    @per_module
    def test_rules_look_at_a_view_that_has_names(self, module):
        if module.rules is None:
            return
        wrong = [
            f"{view.name}.{column.name}"
            for view in {describe(rule.draft.view) for rule in read_rules(module.rules, module=module.name)}
            for column in view.columns
            if not CHINESE.search(column.label) and not column.name.endswith("_id")
        ]

        assert not wrong, "编写规则的人要看得懂每一列：COMMENT ON COLUMN"

    @per_module
    def test_standing_checks_name_an_owner(self, module):
        wrong = [
            check.code
            for check in module.invariants
            if not check.code.startswith(f"{module.name}.")
            or not CHINESE.search(check.title)
            or not check.owner
        ]

        assert not wrong

    @per_module
    def test_it_hears_of_events_that_are_emitted(self, module):
        emitted = {step.event for kind in KINDS for step in kind.steps if step.event}
        emitted |= {event for spec in MODULES for event in spec.emits}
        emitted |= {"approvals.task.overdue", "calendar.day_began"}
        own = {event for event in module.subscriptions if event.startswith(f"{module.name}.")}

        assert not set(module.subscriptions) - emitted - own

    def test_all_standing_checks_run(self):
        results = standing.run_standing_checks(at=business_now(), keep=False)

        assert not [result.invariant.code for result in results if not result.holds]
