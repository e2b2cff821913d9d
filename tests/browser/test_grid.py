"""The sheet in a real browser, on the page of base data: by keyboard alone, blocks from Excel, mistakes, other people."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser.conftest import PASSWORD, Desk
from tests.demo_database import _connected_to, _execute_elsewhere

AT = datetime(2023, 7, 3, 1, 0, tzinfo=UTC)
SCHOOLS = 90
PAGE = "/standards/base/?year=2024"
MAXIMUM_NODES = 2_500
CELLS = "tbody td:not([aria-readonly=true])"


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """A server in a small district: an education department with ninety schools and somebody who fills in for them."""
    from django.db import connection, connections

    with django_db_blocker.unblock():
        empty = connection.settings_dict["NAME"]
        assert empty.startswith("test_"), f"{empty} is not a test database"
        name = f"{empty}_grid"
        connections.close_all()
        _execute_elsewhere(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _execute_elsewhere(f'CREATE DATABASE "{name}" TEMPLATE "{empty}"')
        with _connected_to(name):
            _settle()
            yield from _serve()
            connections.close_all()
        _execute_elsewhere(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _settle() -> None:
    from fisc.domains.standards.services import BaseRow, accept_reports, set_base_figures
    from fisc.kernel.ledger import periods
    from fisc.kernel.orgs import accounts, clock, units
    from fisc.kernel.orgs.access import system_actor

    clock.set_business_date(date(2023, 7, 3))
    periods.open_year(2023)
    system = system_actor()
    units.save_sections(names={"JK": "教科文股"}, actor=system, at=AT)
    made = units.save_units(
        drafts=[
            units.UnitDraft("121", "云屿区教育局", kind="department", section_code="JK"),
            *(
                units.UnitDraft(
                    f"121{number:03}", f"云屿区第{number}小学", parent_code="121", unit_kind="institution",
                    section_code="JK",
                )
                for number in range(1, SCHOOLS + 1)
            ),
        ],
        actor=system,
        at=AT,
    )  # fmt: skip
    user = accounts.create_user(
        draft=accounts.AccountDraft(
            username="jiaoyuju", name="教育局经办", unit_id=made["121"].pk, password=PASSWORD,
            must_change_password=False,
        ),
        actor=system,
        at=AT,
    )  # fmt: skip
    accounts.grant(user_id=user.pk, role_code="unit_maker", actor=system, at=AT, valid_from=date(2022, 1, 1))
    rows = [
        BaseRow(made["121003"].pk, {"staff_career": 30}),
        BaseRow(made["121004"].pk, {"staff_career": 40}),
    ]
    set_base_figures(year=2024, rows=rows, actor=system, at=AT)
    accept_reports(year=2024, actor=system, at=AT, unit_ids=[made["121003"].pk])


def _serve() -> Iterator[str]:
    from django.core.wsgi import get_wsgi_application
    from waitress.server import create_server

    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@pytest.fixture
def sheet(desk: Desk) -> Desk:
    """The page of base data, opened by the department; the cursor stands in the first cell to be filled in."""
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.site)
    desk.log_in("jiaoyuju")
    return desk


def opened(desk: Desk, page: str = PAGE) -> None:
    """Open the page and go into the sheet by keyboard alone."""
    desk.go(page)
    desk.page.focus("main [name=q]")
    for _ in range(12):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement.tagName") == "TD":
            return
    raise AssertionError("the keyboard does not reach the sheet")


def at(desk: Desk) -> tuple[str, str]:
    """Unit and column of the cursor."""
    return tuple(
        desk.page.evaluate(
            """() => { const t = document.querySelector('td.at'), r = t.parentNode;
            return [r.dataset.label, document.querySelectorAll('thead th')[t.cellIndex].dataset.c]; }"""
        )
    )


def text(desk: Desk, unit: str, column: str) -> str:
    """What a cell says."""
    return desk.page.evaluate(
        """([unit, column]) => { const i = [...document.querySelectorAll('thead th')].findIndex(h => h.dataset.c === column);
        return document.querySelector(`tr[data-label='${unit}']`).cells[i].textContent; }""",
        [unit, column],
    )


def said(desk: Desk) -> str:
    """The line below the sheet."""
    return desk.page.inner_text("[data-gs=say]")


def saved(desk: Desk) -> None:
    """Ctrl+S, and wait for the answer."""
    with desk.page.expect_response("**/standards/base/save/**"):
        desk.page.keyboard.press("Control+s")
    desk.page.wait_for_selector("[data-sheet]:not([aria-busy])")


def copy(desk: Desk, block: str) -> None:
    """Put text on the clipboard, as Excel does."""
    desk.page.evaluate("text => navigator.clipboard.writeText(text)", block)


class TestKeyboard:
    """方向键、Tab、Enter、F2、Esc、Delete、撤消、保存：手不离键盘。"""

    def test_fill_in_and_save(self, sheet: Desk) -> None:
        opened(sheet)
        keys = sheet.page.keyboard

        keys.press("Control+Home")
        keys.press("Tab")
        assert at(sheet) == ("云屿区教育局", "posts_admin")
        keys.type("46")
        keys.press("Tab")
        keys.press("F2")
        keys.type("４５")
        keys.press("Tab")
        keys.type("1,234")
        keys.press("Enter")
        assert at(sheet) == ("云屿区第1小学", "posts_admin"), "Enter goes to where Tab began"
        assert text(sheet, "云屿区教育局", "staff_admin") == "45"
        assert text(sheet, "云屿区教育局", "posts_career") == "1,234"

        keys.press("ArrowUp")
        keys.press("F2")
        keys.press("Backspace")
        keys.press("8")
        keys.press("Escape")
        assert text(sheet, "云屿区教育局", "posts_admin") == "46", "Esc leaves the cell as it was"
        keys.press("F2")
        keys.press("Backspace")
        keys.press("8")
        keys.press("Enter")
        assert text(sheet, "云屿区教育局", "posts_admin") == "48"
        keys.press("ArrowUp")
        keys.press("Delete")
        assert text(sheet, "云屿区教育局", "posts_admin") == ""
        keys.press("Control+z")
        assert text(sheet, "云屿区教育局", "posts_admin") == "48"
        keys.press("Control+y")
        keys.press("Control+z")
        saved(sheet)

        assert "已保存 3 格" in said(sheet)
        sheet.go(PAGE)
        assert text(sheet, "云屿区教育局", "posts_admin") == "48"
        assert text(sheet, "云屿区教育局", "state") == "填报中"
        assert sheet.messages == []

    def test_moving_and_leaving(self, sheet: Desk) -> None:
        opened(sheet)
        keys = sheet.page.keyboard

        keys.press("Control+Home")
        keys.press("Control+ArrowDown")
        assert at(sheet)[0] == "云屿区第59小学"
        keys.press("Control+Home")
        keys.press("End")
        assert at(sheet)[1] == "boarders"
        keys.press("Home")
        keys.press("Shift+ArrowDown")
        keys.press("Shift+ArrowRight")
        assert sheet.page.locator("td[aria-selected=true]").count() == 4
        assert "2 行 × 2 列" in sheet.page.inner_text("[data-gs=sel]")
        keys.press("j")
        assert sheet.page.locator("td.ed").count() == 0, "locked cells are not edited"
        keys.press("Escape")
        keys.press("Tab")
        assert sheet.page.evaluate("document.activeElement.tagName") != "TD", "the keyboard is not trapped"

    def test_locked_cells_say_so(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第3小学'] td:nth-child(5)")

        sheet.page.keyboard.press("7")

        assert "已锁定" in said(sheet) and text(sheet, "云屿区第3小学", "posts_admin") == ""


class TestBlocks:
    """从 Excel 粘贴：千分位、全角、引号、尾行；锁定的跳过，放不下的不贴。"""

    def test_a_block(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第1小学'] td:nth-child(8)")
        assert at(sheet) == ("云屿区第1小学", "staff_career")
        copy(sheet, '"1,020"\t５\r\n21\t6\r\n22\t7\r\n23\t8\r\n')

        sheet.page.keyboard.press("Control+v")

        assert "已粘贴 6 格，跳过 2 个锁定的单元格" in said(sheet)
        assert text(sheet, "云屿区第1小学", "staff_career") == "1,020"
        assert text(sheet, "云屿区第1小学", "retirees") == "5"
        assert text(sheet, "云屿区第3小学", "staff_career") == "30", "the accepted report stays"
        total = sheet.page.locator("tr[data-gs=sum] td").nth(6).inner_text()
        assert total == "1,094", "1,020 + 21 + 30 + 23"
        sheet.page.keyboard.press("Control+c")
        assert sheet.page.evaluate("navigator.clipboard.readText()") == "1,020\t5\r\n21\t6\r\n30\t\r\n23\t8"
        saved(sheet)
        assert "已保存 6 格" in said(sheet)
        sheet.go(PAGE)
        assert text(sheet, "云屿区第4小学", "retirees") == "8"

    def test_more_than_there_is_room_for(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.keyboard.press("Control+End")
        sheet.page.click("tr[data-label='云屿区第59小学'] td:nth-child(8)")

        copy(sheet, "1\n2\n")
        sheet.page.keyboard.press("Control+v")
        assert "要粘贴 2 行，从这里起只有 1 行，没有粘贴" in said(sheet)
        sheet.page.keyboard.press("End")
        copy(sheet, "1\t2")
        sheet.page.keyboard.press("Control+v")
        assert "要粘贴 2 列，从这里起只有 1 列，没有粘贴" in said(sheet)
        assert sheet.page.locator("td.chg").count() == 0

    def test_one_value_fills_the_selection(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第10小学'] td:nth-child(8)")
        for _ in range(4):
            sheet.page.keyboard.press("Shift+ArrowDown")
        copy(sheet, "12")

        sheet.page.keyboard.press("Control+v")
        assert "已粘贴 5 格" in said(sheet)
        sheet.page.keyboard.press("Control+z")
        assert sheet.page.locator("td.chg").count() == 0

    def test_a_thousand_cells_are_pasted_and_saved_at_once(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第5小学'] td:nth-child(5)")
        copy(sheet, "\n".join("\t".join("1,234" for _ in range(19)) for _ in range(55)))

        sheet.page.keyboard.press("Control+v")
        sheet.page.wait_for_function("document.querySelector('[data-gs=say]').textContent")

        assert "已粘贴 1045 格" in said(sheet)
        saved(sheet)
        assert "已保存 1045 格" in said(sheet)


class TestMistakes:
    """错误标在格上，什么都不存；他人先改了，对照给他看；没存就走，先问一声。"""

    def test_bad_cells_are_marked(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第2小学'] td:nth-child(9)")
        sheet.page.keyboard.press("F2")
        sheet.page.keyboard.type("一百")
        sheet.page.keyboard.press("Enter")
        sheet.page.click("tr[data-label='云屿区第1小学'] td:nth-child(9)")
        sheet.page.keyboard.type("-1")
        sheet.page.keyboard.press("Enter")

        sheet.page.keyboard.press("Control+s")

        assert "有 2 个单元格要改，数据没有保存" in sheet.page.inner_text(".gs-bad")
        assert at(sheet) == ("云屿区第1小学", "retirees"), "the cursor goes to the first bad cell"
        assert sheet.page.locator("td[aria-invalid=true]").count() == 2
        sheet.page.click(".gs-bad button:has-text('第2小学')")
        assert at(sheet) == ("云屿区第2小学", "retirees")

    def test_what_the_server_says_is_marked_too(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第2小学'] td:nth-child(12)")
        sheet.page.keyboard.type("99999999999999999999")
        sheet.page.keyboard.press("Enter")
        with sheet.page.expect_response("**/standards/base/save/**") as answer:
            sheet.page.keyboard.press("Control+s")

        assert answer.value.status == 422
        sheet.page.wait_for_selector("td[aria-invalid=true]")
        assert "过大" in sheet.page.inner_text(".gs-bad")

    def test_somebody_was_quicker(self, sheet: Desk) -> None:
        opened(sheet)
        other = Desk(sheet.page.context.new_page(), sheet.site)
        other.go(PAGE)
        cell = "tr[data-label='云屿区第4小学'] td:nth-child(12)"
        other.page.click(cell)
        other.page.keyboard.type("500")
        other.page.keyboard.press("Enter")
        saved(other)
        other.page.close()

        sheet.page.bring_to_front()
        sheet.page.click(cell)
        sheet.page.keyboard.type("600")
        sheet.page.keyboard.press("Enter")
        with sheet.page.expect_response("**/standards/base/save/**"):
            sheet.page.keyboard.press("Control+s")
        sheet.page.wait_for_selector(".gs-bad:not([hidden])")

        panel = sheet.page.inner_text(".gs-bad")
        assert "已被他人修改" in panel and "500" in panel and "600" in panel
        with sheet.page.expect_response("**/standards/base/save/**"):
            sheet.page.click("text=以我填写的为准，继续保存")
        sheet.page.wait_for_selector("[data-sheet]:not([aria-busy])")
        sheet.go(PAGE)
        assert text(sheet, "云屿区第4小学", "area") == "600"

    def test_leaving_with_changes_asks(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第4小学'] td:nth-child(9)")
        sheet.page.keyboard.type("3")
        sheet.page.keyboard.press("Enter")
        asked: list[str] = []
        sheet.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

        sheet.page.reload()

        assert asked == ["beforeunload"]

    def test_the_network_fails(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第4小学'] td:nth-child(9)")
        sheet.page.keyboard.type("3")
        sheet.page.keyboard.press("Enter")
        sheet.page.route("**/standards/base/save/**", lambda route: route.abort())

        sheet.page.keyboard.press("Control+s")
        sheet.page.wait_for_selector(".gs-bad:not([hidden])")

        assert "网络连接失败，数据没有保存，仍在本页" in sheet.page.inner_text(".gs-bad")
        assert text(sheet, "云屿区第4小学", "retirees") == "3"
        sheet.page.unroute("**/standards/base/save/**")
        saved(sheet)
        assert "已保存 1 格" in said(sheet)


class TestThePage:
    """无障碍、窄屏、大小、没有脚本。"""

    @pytest.mark.parametrize(
        ("theme", "width"), [("light", 1366), ("dark", 1366), ("light", 390), ("dark", 390)]
    )
    def test_axe_and_width(self, sheet: Desk, shot, theme: str, width: int) -> None:
        sheet.page.set_viewport_size({"width": width, "height": 768 if width > 500 else 844})
        sheet.page.context.add_cookies([{"name": "theme", "value": theme, "url": sheet.site}])
        sheet.go(PAGE)
        sheet.page.click(f"tr[data-label='云屿区第2小学'] {CELLS.removeprefix('tbody ')}")
        sheet.page.keyboard.press("Shift+ArrowDown")
        shot(f"表格-{theme}-{width}")
        assert sheet.page.evaluate("document.documentElement.scrollWidth") <= width, (
            "the page scrolls sideways"
        )
        result = Axe().run(sheet.page, options={"resultTypes": ["violations"]})
        assert result.violations_count == 0, result.generate_report()
        assert sheet.page.evaluate("document.querySelectorAll('*').length") <= MAXIMUM_NODES
        assert sheet.messages == [] and len(sheet.hosts) == 1

    def test_editing_and_problems_are_clean_too(self, sheet: Desk) -> None:
        opened(sheet)
        sheet.page.click("tr[data-label='云屿区第2小学'] td:nth-child(9)")
        sheet.page.keyboard.type("x")
        sheet.page.keyboard.press("Enter")
        sheet.page.keyboard.press("Control+s")
        sheet.page.keyboard.press("F2")

        result = Axe().run(sheet.page, options={"resultTypes": ["violations"]})

        assert result.violations_count == 0, result.generate_report()

    def test_a_finger_taps_twice_to_edit(self, sheet: Desk, browser) -> None:
        state = sheet.page.context.storage_state()
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, storage_state=state
        )
        page = context.new_page()
        page.goto(sheet.site + PAGE)
        cell = page.locator("tr[data-label='云屿区第2小学'] td:nth-child(5)")

        cell.tap()
        assert page.locator("td.ed").count() == 0
        cell.tap()
        page.keyboard.type("9")
        page.keyboard.press("Enter")

        assert cell.inner_text() == "9"
        context.close()

    def test_without_a_script_it_is_a_table(self, sheet: Desk, browser) -> None:
        state = sheet.page.context.storage_state()
        context = browser.new_context(java_script_enabled=False, storage_state=state)
        page = context.new_page()
        page.goto(sheet.site + PAGE)

        assert "云屿区第4小学" in page.inner_text("table[role=grid]")
        assert "没有启用脚本" in page.inner_text("main")
        context.close()
