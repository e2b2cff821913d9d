"""Long work: a large import goes on in the background, shows how far it is, may be stopped, and is there for its owner."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fisc.jobs import importing, running
from fisc.jobs.models import Job
from fisc.kernel.exchange.models import Batch

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = "单位编码,项目名称,项目类别,项目总额（元）\n"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are a large file here."""
    monkeypatch.setattr(importing, "LARGE_ROWS", 2)


def upload(client: Client, *names: str) -> str:
    rows = "".join(f"101,{name},特定目标类,1000.00\n" for name in names)
    file = SimpleUploadedFile("项目.csv", (HEADS + rows).encode())
    return client.post("/imports/projects.register/", {"file": file})["Location"]


def match(client: Client, where: str) -> None:
    columns = {"col-0": "unit", "col-1": "name", "col-2": "category", "col-3": "total"}
    client.post(where, {"act": "match", **columns})


def carry_out(act: str) -> Job:
    job = Job.objects.latest("id")
    assert job.function.endswith(act)
    running.carry_out(job.pk)
    return Job.objects.get(pk=job.pk)


@pytest.mark.usefixtures("large")
class TestLargeImports:
    """大文件在后台校验、写入，页面显示进度。"""

    def test_it_is_checked_and_written_in_the_background(self, as_user) -> None:
        client = as_user("budget")
        where = upload(client, "校舍维修", "操场改造")

        match(client, where)
        waiting = client.get(where).content.decode()
        checked = carry_out("check_batch")
        client.post(where, {"act": "commit"})
        before = Batch.objects.get().state
        written = carry_out("write_batch")

        assert "校验 项目.csv" in waiting and "排队中" in waiting and "导入全部" not in waiting
        assert (checked.state, before, written.state) == ("done", "checked", "done")
        assert Batch.objects.get().written_rows == 2
        assert "导入完成" in client.get(where).content.decode()

    def test_a_second_step_waits_for_the_first(self, as_user) -> None:
        client = as_user("budget")
        where = upload(client, "校舍维修", "操场改造")
        match(client, where)

        response = client.post(where, {"act": "check"})

        assert response.status_code == 409
        assert "本批正在后台办理" in response.content.decode()
        assert Job.objects.count() == 1

    def test_stopped_it_leaves_nothing_and_may_go_on(self, as_user) -> None:
        client = as_user("budget")
        where = upload(client, "校舍维修", "操场改造")
        match(client, where)
        carry_out("check_batch")
        client.post(where, {"act": "commit"})
        job = Job.objects.latest("id")

        client.post(f"/jobs/{job.pk}/act/", {"act": "cancel"})
        page = client.get(where).content.decode()
        client.post(f"/jobs/{job.pk}/act/", {"act": "resume"})
        done = carry_out("write_batch")

        assert "已取消" in page and "继续办理" in page
        assert (done.state, Batch.objects.get().state) == ("done", "written")

    def test_a_small_file_is_done_at_once(self, as_user) -> None:
        client = as_user("budget")
        where = upload(client, "校舍维修")

        match(client, where)

        assert not Job.objects.exists()
        assert Batch.objects.get().state == "checked"


class TestWhoSees:
    """后台作业只给发起人看。"""

    def test_the_owner_sees_it_and_nobody_else(self, as_user, district) -> None:
        job = running.run_job(
            "试算", district["budget"].pk, importing.check_batch, batch_id=0, user_id=0, at=""
        )

        assert "试算" in as_user("budget").get("/jobs/").content.decode()
        assert "试算" not in as_user("treasurer").get("/jobs/").content.decode()
        assert as_user("treasurer").get(f"/jobs/{job.pk}/bar/").status_code == 404
        assert as_user("treasurer").post(f"/jobs/{job.pk}/act/", {"act": "cancel"}).status_code == 404

    def test_an_ended_job_has_the_page_read_again(self, as_user, district) -> None:
        job = running.run_job(
            "试算", district["budget"].pk, importing.check_batch, batch_id=0, user_id=0, at=""
        )
        client = as_user("budget")
        before = client.get(f"/jobs/{job.pk}/bar/")
        running.request_cancel(job.pk, by_user_id=district["budget"].pk)

        after = client.get(f"/jobs/{job.pk}/bar/")

        assert "HX-Refresh" not in before.headers and "every 1500ms" in before.content.decode()
        assert after.headers["HX-Refresh"] == "true" and "every" not in after.content.decode()
