"""Every page pattern, light and dark, wide and narrow: no console message, no other host, no sideways scroll, in
the budgets of size, and no finding of axe."""

from __future__ import annotations

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

MAXIMUM_NODES = 2_500
MAXIMUM_COLD_BYTES = 60_000
MAXIMUM_WARM_BYTES = 15_000
PATTERNS = {
    "驾驶舱": ("zhoutao", "/"),
    "待办": ("zhoutao", "/inbox/"),
    "待办批量": ("zhoutao", "/inbox/?kind=treasury.payment"),
    "列表": ("zhoutao", "/d/treasury.payment/"),
    "单据": ("zhoutao", "first:/d/treasury.payment/"),
    "表单": ("wanglihua", "/d/treasury.payment/new/"),
    "报表": ("zhoutao", "/reports/expenditure-by-function/"),
    "总账": ("zhoutao", "/ledger/"),
    "明细账": ("zhoutao", "/ledger/lines/?book=cash"),
    "凭证": ("zhoutao", "/ledger/vouchers/"),
    "代码表": ("wumin", "/codes/function/"),
    "导入": ("wumin", "/imports/"),
    "上传": ("wumin", "/imports/budget.approved/"),
    "用户": ("dengwei", "/people/users/"),
    "角色": ("caohong", "/people/roles/"),
    "审批流程": ("caohong", "/people/chains/"),
    "审计": ("xusheng", "/audit/"),
    "规则": ("fengxue", "/rules/"),
    "疑点": ("fengxue", "/rules/findings/"),
    "查找": ("zhoutao", "/find/?q=学校"),
    "密码": ("zhoutao", "/account/password/"),
    "基础信息": ("wumin", "/standards/base/"),
    "支出标准": ("wumin", "/standards/rates/"),
    "标准与影响": ("wumin", "/standards/rates/P0101/?amount=1000"),
    "标准测算": ("wumin", "/standards/needs/"),
    "错误": ("zhoutao", "/no-such-page/"),
}


def _address(desk, name: str) -> str:
    """Log in for the pattern and say where it is."""
    user, path = PATTERNS[name]
    desk.log_in(user)
    if not path.startswith("first:"):
        return path
    desk.go(path.removeprefix("first:"))
    return desk.page.locator("tbody a[href^='/doc/']").first.get_attribute("href")


@pytest.mark.parametrize("name", PATTERNS)
def test_page_pattern(desk, shot, name: str) -> None:
    path = _address(desk, name)
    for theme, width in (("light", 1366), ("dark", 1366), ("light", 1024), ("light", 390), ("dark", 390)):
        desk.page.set_viewport_size({"width": width, "height": 768 if width > 500 else 844})
        desk.page.context.add_cookies([{"name": "theme", "value": theme, "url": desk.site}])
        desk.go(path)
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width, (
            "the page scrolls sideways"
        )
        if width == 1024:
            continue
        if (theme, width) in (("light", 1366), ("dark", 390)):
            shot(f"{name}-{theme}-{width}")
        result = Axe().run(desk.page, options={"resultTypes": ["violations"]})
        assert result.violations_count == 0, f"{theme} {width}: {result.generate_report()}"

    assert desk.page.evaluate("document.querySelectorAll('*').length") <= MAXIMUM_NODES
    messages = [m for m in desk.messages if not (name == "错误" and "404" in m)]
    assert messages == []
    assert len(desk.hosts) == 1


def test_budgets_of_size(desk) -> None:
    """Cold: page, style, scripts; warm: the page alone. Both gzipped, as a proxy in front sends them."""
    sizes: dict[str, int] = {}

    def weigh(response) -> None:
        if response.ok and response.request.resource_type in ("document", "stylesheet", "script", "image"):
            sizes[response.url] = len(gzip.compress(response.body()))

    desk.log_in("zhoutao")
    desk.page.on("response", weigh)
    desk.go("/d/treasury.payment/")
    desk.page.wait_for_load_state("networkidle")

    page = sizes[f"{desk.site}/d/treasury.payment/"]
    assert page <= MAXIMUM_WARM_BYTES
    assert sum(sizes.values()) <= MAXIMUM_COLD_BYTES, sizes


class TestKeyboardAndSwitches:
    def test_unit_switch_writes_every_amount_again(self, desk) -> None:
        desk.log_in("zhoutao")
        desk.page.context.add_cookies([{"name": "unit", "value": "yuan", "url": desk.site}])
        desk.go("/d/treasury.payment/")
        cell = desk.page.locator("tbody [data-fen]").first
        fen = int(cell.get_attribute("data-fen"))

        desk.page.keyboard.press("u")

        assert cell.inner_text() == f"{fen / 1_000_000:,.2f}"
        assert "万元" in desk.page.locator("thead").inner_text()
        desk.page.reload()
        assert cell.inner_text() == f"{fen / 1_000_000:,.2f}"

    def test_rows_by_keyboard(self, desk) -> None:
        desk.log_in("zhoutao")
        desk.go("/inbox/?kind=treasury.payment")

        desk.page.keyboard.press("j")
        desk.page.keyboard.press("j")
        desk.page.keyboard.press("x")

        assert desk.page.locator("tbody tr.on").count() == 1
        assert "已选 1 笔" in desk.page.locator(".selbar").inner_text()
        desk.page.keyboard.press("/")
        assert desk.page.evaluate("document.activeElement.id") == "find"

    def test_filter_is_live_and_in_the_address(self, desk) -> None:
        desk.log_in("zhoutao")
        desk.go("/d/treasury.payment/")

        desk.page.fill("#f-q", "公用经费")
        desk.page.wait_for_url("**q=*")

        assert "q=" in desk.page.url
        assert desk.page.evaluate("document.activeElement.id") == "f-q"

    def test_report_unfolds_and_folds(self, desk) -> None:
        desk.log_in("zhoutao")
        desk.go("/reports/expenditure-by-function/")
        before = desk.page.locator("tbody tr").count()
        button = desk.page.locator("tbody .fold-b").first

        button.click()
        desk.page.locator("tbody tr.lv2").first.wait_for()
        button.click()

        assert desk.page.locator("tbody tr").count() == before

    def test_chart_toggle_swaps_the_card_with_its_toggle(self, desk) -> None:
        desk.log_in("zhoutao")
        desk.go("/")

        desk.page.click("button:has-text('收入累计')")
        desk.page.wait_for_selector("button[aria-pressed=true]:has-text('收入累计')")

        assert desk.page.locator("#chart .l1").count() == 1
