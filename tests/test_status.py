"""Operators and load balancers learn whether the Commons is well."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version

import pytest
from sqlalchemy import text

from app import create_app, status
from app.database import db, now, transaction
from app.jobs.models import Job
from app.settings import Settings


def test_a_living_process_says_so_without_the_database(client, count_queries):
    count_queries.clear()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
    assert count_queries == []


def test_a_migrated_site_is_ready(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["ready"] is True
    assert answer.json["database"] is True
    assert answer.json["migrations"] is True


def test_a_database_of_another_version_is_not_ready(client):
    head = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    set_version("0000")
    answer = client.get("/readyz")
    set_version(head)
    assert answer.status_code == 503
    assert answer.json["ready"] is False
    assert answer.json["migrations"] is False


def test_a_full_disk_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(status, "LEAST_FREE_DISK", 1.0)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["disk"] is False


def test_jobs_that_wait_are_counted(client):
    with transaction():
        for minutes in (0, 11):
            then = now() - timedelta(minutes=minutes)
            db.session.add(Job(task="x", arguments={}, run_at=then, created_at=then))
    jobs = client.get("/readyz").json["jobs"]
    assert (jobs["waiting"], jobs["overdue"], jobs["failed"]) == (2, 1, 0)


def test_a_failed_job_does_not_count_as_waiting(client):
    then = now() - timedelta(days=1)
    with transaction():
        db.session.add(Job(task="x", arguments={}, run_at=then, created_at=then, failed_at=now()))
    jobs = client.get("/readyz").json["jobs"]
    assert (jobs["waiting"], jobs["overdue"], jobs["failed"]) == (0, 0, 1)


def test_a_missing_database_is_not_ready(tmp_path):
    app = create_app(Settings(database_url="sqlite:////nowhere/commons.db", instance_dir=tmp_path, rate_limits=False))
    visitor = app.test_client()
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "database": False})
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/version").status_code == 200


def test_the_version_is_that_of_the_package(client):
    assert client.get("/version").json == {"version": version("ewaste-challenge-commons")}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/version"])
def test_nobody_needs_to_sign_in_for_it(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def set_version(number: str) -> None:
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
