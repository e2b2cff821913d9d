"""单据接口：看、建、改、办、附件；看不到的一律“没有”。"""

import pytest

from fisc.kernel.documents import kinds
from fisc.kernel.documents.models import Document
from fisc.kernel.documents.tests import kit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def creatable(bureau):
    """The test kind may be made over the interface."""
    from dataclasses import replace

    from fisc.kernel.documents.create import create_many

    def create(*, drafts, actor, at):
        return create_many(kind="testkit.slip", drafts=drafts, actor=actor, at=at)

    with kinds.also(replace(kit.slip_kind(), create=create)):
        yield


class TestReading:
    """看。"""

    def test_list_with_filters_totals_and_pages(self, everything, slip):
        first, second = slip("301", 100), slip("001001", 250)

        page = everything("GET", "/documents?kind=testkit.slip&sort=id&page_size=1").json()

        assert [item["id"] for item in page["items"]] == [first]
        assert (page["total"], page["amount_fen"], page["page_size"]) == (2, 350, 1)
        narrowed = everything("GET", "/documents?amount_from_fen=200").json()
        assert [item["id"] for item in narrowed["items"]] == [second]
        assert everything("GET", "/documents?q=购买办公用品250").json()["total"] == 1
        assert everything("GET", "/documents?state=paid").json()["items"] == []

    def test_detail_has_values_and_steps(self, everything, slip):
        found = everything("GET", f"/documents/{slip()}").json()

        assert found["values"] == {"payee": "王五", "held": False}
        assert [step["name"] for step in found["steps"]] == ["submit", "void"]
        assert found["state_label"] == "草稿" and found["unit"] == "区教育局"

    @pytest.mark.parametrize("path", ["", "/timeline", "/attachments"])
    def test_documents_of_other_units_are_not_there(self, of_school, slip, path):
        answer = of_school("GET", f"/documents/{slip('301')}{path}")

        assert answer.status_code == 404
        assert answer.json()["code"] == "documents.not_found"
        assert of_school("GET", f"/documents/{slip('001001')}{path}").status_code == 200

    def test_others_are_not_in_lists_and_sums(self, of_school, slip):
        slip("301", 100), slip("001001", 250)

        page = of_school("GET", "/documents").json()

        assert (page["total"], page["amount_fen"]) == (1, 250)
        assert of_school("GET", "/documents?kind=treasury.payment").status_code == 404

    def test_page_size_is_limited(self, everything):
        answer = everything("GET", "/documents?page_size=201")

        assert answer.status_code == 400 and answer.json()["facts"]["fields"][0]["where"].endswith(
            "page_size"
        )


class TestDrafting:
    """建和改。"""

    def make(self, caller, **values):
        given = {"title": "买纸", "amount_fen": 500, "payee": "赵六", **values}
        return caller("POST", "/documents", {"kind": "testkit.slip", "values": given})

    def test_draft_is_made_for_ones_own_unit(self, of_school):
        answer = self.make(of_school)

        made = answer.json()
        assert answer.status_code == 201
        assert (made["state"], made["amount_fen"], made["values"]["payee"]) == ("draft", 500, "赵六")
        assert (
            made["unit"] == "实验小学"
            and made["business_on"] == "2023-07-03"
            and made["number"].startswith("BT2023")
        )

    @pytest.mark.parametrize(
        ("values", "says"),
        [
            ({"amount_fen": "5元"}, "“金额”：应为整数，单位：分"),
            ({"amount_fen": 1.5}, "“金额”：应为整数"),
            ({"amount_fen": 10**19}, "“金额”：应为整数"),
            ({"title": None}, "缺少必填栏目：摘要"),
            ({"unit_id": 999_999}, "没有这个单位"),
            ({"business_on": "2023-02-30"}, "应为 2023-06-30 这样的日期"),
            ({"held": True}, "没有栏目“held”"),
            ({"payee": "x" * 41}, "超出长度"),
            ({"payee": "a\x00b"}, "不符合接口说明"),
        ],
    )
    def test_wrong_values_are_told(self, of_school, values, says):
        answer = self.make(of_school, **values)

        assert answer.status_code == 400 and says in answer.json()["message"]
        assert not Document.objects.exists()

    def test_unit_of_others_cannot_be_named(self, of_school):
        from fisc.kernel.orgs.models import Unit

        answer = self.make(of_school, unit_id=Unit.objects.get(code="301").pk)

        assert answer.status_code == 400 and "没有这个单位，或您无权为它办理" in answer.json()["message"]

    def test_change_needs_the_version(self, of_school):
        made = self.make(of_school).json()
        path = f"/documents/{made['id']}"

        changed = of_school("PATCH", path, {"version": made["version"], "values": {"payee": "孙七"}}).json()
        stale = of_school("PATCH", path, {"version": made["version"], "values": {"payee": "周八"}})

        assert changed["values"]["payee"] == "孙七" and changed["version"] == made["version"] + 1
        assert stale.status_code == 409 and stale.json()["code"] == "documents.changed"

    def test_unknown_keys_in_the_body_are_refused(self, of_school):
        answer = of_school("POST", "/documents", {"kind": "testkit.slip", "values": {}, "state": "paid"})

        assert answer.status_code == 400


class TestSteps:
    """办。"""

    def test_step_and_timeline(self, everything, slip):
        document = slip()

        done = everything("POST", f"/documents/{document}/steps/submit", {"comment": "请审"}).json()

        assert done["state"] == "approved"
        moments = everything("GET", f"/documents/{document}/timeline").json()
        assert {moment["verb"]: moment["comment"] for moment in moments} == {"create": "", "submit": "请审"}

    def test_refusal_has_code_and_sentence(self, everything, slip):
        answer = everything("POST", f"/documents/{slip()}/steps/pay", {})

        assert answer.status_code == 409
        assert (
            answer.json()["code"] == "documents.state" and "现为“草稿”，不能支付" in answer.json()["message"]
        )

    def test_reason_is_asked_for(self, everything, slip):
        assert everything("POST", f"/documents/{slip()}/steps/void", {}).json()["code"] == "documents.reason"

    def test_unknown_step_and_unknown_document(self, everything, slip):
        assert everything("POST", f"/documents/{slip()}/steps/fly", {}).status_code == 404
        assert everything("POST", "/documents/999999/steps/submit", {}).status_code == 404
        assert everything("POST", f"/documents/{2**64}/steps/submit", {}).status_code == 400

    def test_many_at_once(self, everything, slip):
        good, poor = slip(), slip(payee="穷")

        result = everything(
            "POST",
            "/documents/steps",
            {"kind": "testkit.slip", "step": "submit", "ids": [good, poor, 999_999]},
        ).json()

        assert result["done"] == [good]
        assert {row["id"]: row["error"]["code"] for row in result["refused"]} == {
            poor: "testkit.money",
            999_999: "documents.missing",
        }

    def test_maker_cannot_pay_his_own(self, of_school):
        made = TestDrafting().make(of_school).json()
        of_school("POST", f"/documents/{made['id']}/steps/submit", {})

        answer = of_school("POST", f"/documents/{made['id']}/steps/pay", {})

        assert answer.status_code == 409 and answer.json()["code"] == "documents.maker"


class TestFiles:
    """附件。"""

    def test_up_and_down(self, everything, slip):
        document = slip()

        made = everything.send(f"/documents/{document}/attachments", "合同.txt", "合同正文".encode())

        assert made.status_code == 201 and made.json()["size"] == 12
        answer = everything("GET", f"/attachments/{made.json()['id']}")
        assert b"".join(answer.streaming_content).decode() == "合同正文"
        assert (
            answer["Content-Type"] == "application/octet-stream"
            and "attachment" in answer["Content-Disposition"]
        )

    def test_programs_are_refused(self, everything, slip):
        answer = everything.send(f"/documents/{slip()}/attachments", "a.exe", b"MZ\x00")

        assert answer.status_code == 400 and "a.exe" in answer.json()["message"]

    def test_files_of_other_units_are_not_there(self, everything, of_school, slip):
        made = everything.send(f"/documents/{slip('301')}/attachments", "a.txt", b"x").json()

        assert of_school("GET", f"/attachments/{made['id']}").status_code == 404
        assert of_school.send(f"/documents/{slip('301')}/attachments", "b.txt", b"y").status_code == 404
