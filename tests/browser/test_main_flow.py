"""The main way through the product, in the browser: budget in, payment out, cleared, in the figure and the report."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from fisc.base.money import format_fen

AMOUNT_FEN = 123_456
PURPOSE = "浏览器测试：校园网络维护"


@pytest.fixture
def budget_file(site: str, tmp_path: Path) -> Path:
    """An approved budget of one row, for a project and codes that the demo already uses."""
    from fisc.kernel.documents.models import Document
    from fisc.kernel.modules import registry
    from fisc.kernel.orgs import clock

    year = clock.business_today().year
    model = registry.current().kinds["budget.allotment"].model
    known = model._default_manager.filter(
        document__unit__short_name="第一中学", document__fiscal_year=year, document__fund="general", document__title__contains="公用经费"
    ).first()  # fmt: skip
    unit = Document.objects.select_related("unit").get(pk=known.pk).unit
    project = Document.objects.get(pk=known.project_id) if known.project_id else None
    project_row = registry.current().kinds["projects.project"].model._default_manager.get(pk=project.pk)
    book = openpyxl.Workbook()
    book.active.append(
        ["单位编码", "项目编码", "资金性质", "功能科目", "部门经济分类", "金额（元）", "三保", "备注"]
    )
    code = getattr(project_row, "code", None) or project.number
    book.active.append(
        [unit.code, code, "一般公共预算", known.function_code, "30211", AMOUNT_FEN / 100, "否", PURPOSE]
    )
    path = tmp_path / "追加预算.xlsx"
    book.save(path)
    return path


def test_budget_to_payment_to_figure_to_report(desk, shot, budget_file: Path, tmp_path: Path) -> None:
    """导入预算 → 批复 → 下达 → 支付（超额被拒）→ 审核 → 发送 → 回单 → 清算 → 指标数字与报表都变了。"""
    page = desk.page
    desk.log_in("zhoutao")
    before = _figure(desk)

    # 预算股 imports the approved budget
    desk.log_in("wumin")
    desk.go("/imports/budget.approved/")
    page.set_input_files("[name=file]", budget_file)
    _fill_if_there(page, "[name=reference]", "区财预〔2023〕浏览器1号")
    _fill_if_there(page, "[name=control_total]", format_fen(AMOUNT_FEN))
    shot("01-上传")
    page.click("text=上传并核对列")
    assert "核对列" in desk.text
    page.click("text=对应无误，开始校验")
    shot("02-校验")
    page.click("button:has-text('导入全部')")
    assert "导入完成" in desk.text
    shot("03-导入完成")
    appropriation = page.locator("a[href^='/doc/']").first.get_attribute("href")
    desk.go(appropriation)
    if page.locator("[data-dialog=step-submit]").count():
        desk.step("submit")

    for person in ("zhenghaibo", "gaojianming"):
        desk.log_in(person)
        desk.go(appropriation)
        desk.step("approve", "同意。")

    # the approved budget becomes an allotment
    desk.log_in("wumin")
    desk.go(appropriation)
    desk.step("draft_allotments")
    desk.go(appropriation)
    allotment = page.locator("section:has(h2:text-is('关联单据')) a[href^='/doc/']").first.get_attribute(
        "href"
    )
    desk.go(allotment)
    number = page.locator("h1").inner_text().split()[0]
    if page.locator("[data-dialog=step-submit]").count():
        desk.step("submit")
    desk.log_in("zhenghaibo")
    desk.go(allotment)
    desk.step("approve")

    # the unit pays; one fen too much is refused with the numbers
    desk.log_in("wanglihua")
    desk.go("/d/treasury.payment/new/")
    desk.pick("allotment_id", number)
    page.fill("#f-title", PURPOSE)
    page.fill("#f-amount_fen", format_fen(AMOUNT_FEN + 1))
    page.locator("#f-amount_fen").blur()
    assert "壹仟贰佰叁拾肆元伍角柒分" in desk.text
    page.fill("#f-counterparty", "云屿网络服务有限公司")
    page.fill("[name=payee_account]", "90013096550986405740")
    page.fill("[name=payee_bank]", "云屿农村商业银行")
    for select in page.locator("form.page select").all():
        if not select.input_value():
            select.select_option(index=1)
    page.wait_for_selector("#check .stacked")
    shot("04-支付申请")
    assert "超出可用余额" in desk.text
    with page.expect_navigation():
        page.click("button:has-text('送审')")
    shot("05-超指标被拒")
    refusal = page.locator(".refusal").inner_text()
    assert "0.01 元" in refusal
    assert page.locator(".refusal .ways a").count() >= 3
    payment = re.search(r"/doc/\d+/", page.locator("a:has-text('操作日志')").get_attribute("href"))[0]

    desk.go(f"{payment}edit/")
    page.fill("#f-amount_fen", "0.123456万")
    page.locator("#f-amount_fen").blur()
    with page.expect_navigation():
        page.click("button:has-text('送审')")
    _answer_warnings(desk)
    desk.go(payment)
    assert "待单位审核" in page.locator("h1").inner_text()
    shot("06-已送审")

    for person in ("zhangjianping", "chenjianguo", "zhoutao"):
        desk.log_in(person)
        desk.go(payment)
        if page.locator("[data-dialog=step-approve]").count():
            desk.step("approve", "同意。")

    # treasury sends it, the bank answers, the day is cleared
    desk.log_in("linxiao")
    desk.go(payment)
    assert "待发银行" in page.locator("h1").inner_text()
    desk.step("send")
    desk.go(payment)
    paid_number = page.locator("h1").inner_text().split()[0]
    receipt = tmp_path / "回单.csv"
    _write_receipt(receipt, desk, paid_number)
    desk.go("/imports/treasury.bank_receipt/")
    page.set_input_files("[name=file]", receipt)
    page.click("text=上传并核对列")
    page.click("text=对应无误，开始校验")
    page.click("button:has-text('导入全部')")
    assert "导入完成" in desk.text
    desk.go("/d/treasury.clearing/new/")
    with page.expect_navigation():
        page.click("button:has-text('送审')")
    clearing = re.search(r"/doc/\d+/", page.url)[0]
    desk.log_in("zhoutao")
    desk.go(clearing)
    desk.step("approve")

    # booked: the document has its vouchers, the figure and the report have grown by the amount
    desk.go(payment)
    assert "已支付" in page.locator("h1").inner_text()
    assert page.locator("section:has(h2:text-is('关联凭证')) tbody tr").count() >= 2
    shot("07-已支付")
    assert _figure(desk) - before == AMOUNT_FEN
    shot("08-指标数字")
    _drill_down(desk, paid_number)
    shot("09-报表下钻")
    assert [m for m in desk.messages if "409" not in m] == []
    assert len(desk.hosts) == 1


def _figure(desk) -> int:
    """一般公共预算支出 of the business month, in 分."""
    from fisc.kernel.orgs import clock

    today = clock.business_today()
    desk.go(f"/figures/expenditure.general~{today:%Y%m}/?check=1")
    assert "与账面相等" in desk.text
    exact = desk.page.locator(".facts .words b").first.inner_text()
    return int(exact.replace(",", "").replace(".", "").removesuffix(" 元"))


def _fill_if_there(page, selector: str, text: str) -> None:
    if page.locator(selector).count():
        page.fill(selector, text)


def _answer_warnings(desk) -> None:
    """A 预警 wants a word before the document goes on."""
    page = desk.page
    boxes = page.locator("textarea[name^='answer:']")
    if boxes.count():
        for box in boxes.all():
            box.fill("按合同约定支付，附件随后补齐。")
        page.click("button:has-text('说明并')")
        page.wait_for_load_state()


def _write_receipt(path: Path, desk, number: str) -> None:
    from fisc.kernel.orgs import clock

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["指令号", "结果", "金额（元）", "支付日期", "银行流水号", "失败原因"])
    writer.writerow(
        [number, "成功", f"{AMOUNT_FEN / 100:.2f}", clock.business_today().isoformat(), f"YH{number}", ""]
    )
    path.write_text(out.getvalue(), encoding="utf-8")


def _drill_down(desk, number: str) -> None:
    """类 → 款 → 项 → 指标 → 支付: unfold 205 until the payment's number shows."""
    from fisc.kernel.orgs import clock

    page = desk.page
    desk.go(f"/reports/expenditure-by-function/?month={clock.business_today().month}")
    page.locator("tr.lv1:has-text('205') .fold-b").first.click()
    for code in ("20502", "205020"):
        row = page.locator(f"tr:has-text('{code}') .fold-b").first
        row.wait_for()
        row.click()
        page.wait_for_timeout(400)
    last = page.locator("tr.lv3:has-text('205020') .fold-b").all()
    for button in last:
        if button.get_attribute("aria-expanded") == "false":
            button.click()
            page.wait_for_timeout(300)
    assert page.locator("tr.lv4").count() >= 1
