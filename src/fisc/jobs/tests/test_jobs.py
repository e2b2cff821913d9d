"""Background jobs: from queued to over, seen while they run, stopped, taken up again."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from fisc.base.errors import FiscError, NotAllowed
from fisc.jobs import running
from fisc.jobs.models import Job
from fisc.kernel.orgs.models import User

pytestmark = pytest.mark.django_db(transaction=True)
State = Job.State


def count_to(progress: running.JobProgress, *, end: int) -> dict:
    """Count, and remember where it is."""
    start = progress.checkpoint or 0
    for number in range(start + 1, end + 1):
        progress.keep(number)
        progress("计数", number, end)
    return {"counted": end - start}


def watch_itself(progress: running.JobProgress) -> str:
    """Report inside a transaction and look at the row from another connection."""
    with transaction.atomic():
        progress.update(done=3, total=3, stage="登记", message="第 3 批")
        with progress._connection.cursor() as other:
            other.execute(
                "SELECT stage, done_count, total_count, message FROM jobs_job WHERE id = %s",
                [progress.job_id],
            )
            return "|".join(map(str, other.fetchone()))


def refuse(progress: running.JobProgress) -> None:
    """Fail as a rule of the books would."""
    raise FiscError("期间已结账。")


def crash(progress: running.JobProgress) -> None:
    """Fail as a mistake in the program would."""
    raise ZeroDivisionError


@pytest.fixture
def owner():
    return User.objects.create(username="job_owner", name="某甲")


@pytest.fixture
def stranger():
    return User.objects.create(username="job_stranger", name="某乙")


def queued_tasks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _empty_queue():
    """The queue's tables are not Django's, so no test empties them by itself."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def start(fn, owner, **arguments) -> Job:
    return running.run_job("试算", owner.id, fn, **arguments)


class TestCarryingOut:
    def test_done_with_result(self, owner):
        job = start(count_to, owner, end=3)
        assert (job.state, queued_tasks()) == (State.QUEUED, 1)

        running.carry_out(job.id)

        job.refresh_from_db()
        assert (job.state, job.result, job.done_count, job.percent) == (State.DONE, {"counted": 3}, 3, 100)
        assert job.started_at and job.finished_at and job.is_over

    def test_progress_is_seen_before_the_commit(self, owner):
        job = start(watch_itself, owner)

        running.carry_out(job.id)

        job.refresh_from_db()
        assert job.result == "登记|3|3|第 3 批"

    def test_a_refusal_is_its_message(self, owner):
        job = start(refuse, owner)

        running.carry_out(job.id)

        job.refresh_from_db()
        assert (job.state, job.message) == (State.FAILED, "期间已结账。")

    def test_a_mistake_is_recorded_and_raised(self, owner):
        job = start(crash, owner)

        with pytest.raises(ZeroDivisionError):
            running.carry_out(job.id)

        job.refresh_from_db()
        assert job.state == State.FAILED and "程序出错" in job.message

    def test_only_one_worker_takes_it(self, owner):
        job = start(count_to, owner, end=2)
        running.carry_out(job.id)
        Job.objects.filter(id=job.id).update(result=None)

        running.carry_out(job.id)

        job.refresh_from_db()
        assert job.result is None

    def test_nothing_is_queued_when_the_transaction_fails(self, owner):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            start(count_to, owner, end=2)
            raise ZeroDivisionError

        assert queued_tasks() == 0 and not Job.objects.exists()


class TestStoppingAndGoingOn:
    def test_stop_before_it_starts(self, owner):
        job = start(count_to, owner, end=2)

        running.request_cancel(job.id, by_user_id=owner.id)
        running.carry_out(job.id)

        job.refresh_from_db()
        assert (job.state, job.result) == (State.CANCELLED, None)

    def test_stop_at_the_next_report_and_go_on_from_there(self, owner):
        job = start(count_to, owner, end=5)
        Job.objects.filter(id=job.id).update(is_cancel_requested=True)

        running.carry_out(job.id)

        job.refresh_from_db()
        assert (job.state, job.checkpoint) == (State.CANCELLED, 1)

        running.resume(job.id, by_user_id=owner.id)
        running.carry_out(job.id)

        job.refresh_from_db()
        assert (job.state, job.result, job.checkpoint) == (State.DONE, {"counted": 4}, 5)

    def test_what_was_done_is_not_started_again(self, owner):
        job = start(count_to, owner, end=1)
        running.carry_out(job.id)

        with pytest.raises(running.JobStillRunning):
            running.resume(job.id, by_user_id=owner.id)

    def test_only_the_owner(self, owner, stranger):
        job = start(count_to, owner, end=1)

        for act in (running.request_cancel, running.resume):
            with pytest.raises(NotAllowed):
                act(job.id, by_user_id=stranger.id)

        job.refresh_from_db()
        assert job.state == State.QUEUED and not job.is_cancel_requested

    def test_a_killed_worker_s_job_is_taken_up(self, owner):
        job = start(count_to, owner, end=3)
        Job.objects.filter(id=job.id).update(state=State.RUNNING, checkpoint=2, started_at=timezone.now())

        assert running.take_up_interrupted() == 1
        running.carry_out(job.id)

        job.refresh_from_db()
        assert (job.state, job.result) == (State.DONE, {"counted": 1})


class TestWhatMayRun:
    def test_only_functions_that_are_found_again(self):
        def local(progress: running.JobProgress) -> None: ...

        for wrong in (local, print, dict):
            with pytest.raises(ValueError):
                running.name_of(wrong)

    @pytest.mark.parametrize(
        "name", ["os:system", "fisc.jobs.running:nothing", "fisc.jobs.running:REPORT_EVERY_SECONDS"]
    )
    def test_names_from_elsewhere_are_refused(self, name):
        with pytest.raises(ValueError):
            running.find(name)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "odd"}, "jobs_job_"),
        ({"state": State.DONE, "finished_at": None}, "jobs_job_finished_when_over"),
        ({"done_count": -1}, "jobs_job_counts_not_negative"),
    ],
)
def test_impossible_rows_are_refused_by_the_database(owner, change, constraint):
    job = start(count_to, owner, end=1)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.filter(id=job.id).update(**change)
