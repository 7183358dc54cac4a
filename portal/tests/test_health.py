"""What a load balancer is told."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_health_is_ok_while_database_and_queue_answer(client: Client) -> None:
    answer = client.get("/health", headers={"host": "10.0.0.7"})

    assert (answer.status_code, answer.json()["database"], answer.json()["queue"]) == (200, "ok", "ok")
