"""What the queue knows: one task that carries out a job. The timetable is in `timetable.py`."""

from procrastinate.contrib.django import app

from fisc.jobs.running import carry_out


@app.task(name="fisc.carry_out_job", queue="jobs")
def carry_out_job(job_id: int) -> None:
    """Carry out one job."""
    carry_out(job_id)
