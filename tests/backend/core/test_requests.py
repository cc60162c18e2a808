import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Blueprint

from backend.core import tasks
from backend.core.clock import local, now, shown
from backend.core.errors import TooMany
from backend.core.limits import forgive, limit, wait
from backend.core.masks import mask_address, mask_name, mask_phone, mask_resident_id
from backend.core.redis import redis_client
from backend.core.requests import Room, extra


def test_every_answer_carries_the_security_headers_and_an_id(client):
    answer = client.get("/healthz", headers={"X-Request-Id": "abcdef0123456789"})
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"] == "abcdef0123456789"


def test_a_forged_request_id_is_replaced(client):
    answer = client.get("/healthz", headers={"X-Request-Id": 'x"\t{forged}'})
    assert answer.headers["X-Request-Id"].isalnum()


def test_a_write_from_another_site_is_refused(client):
    answer = client.post("/api/v1/auth/sms", json={"phone": "13800000001"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "foreign_request"


def test_ready_names_what_does_not_answer(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["database"] is answer.json["redis"] is True
    for queue in tasks.QUEUES:
        tasks.beat_heart(queue)
    assert client.get("/readyz").status_code == 200


def test_metrics_are_for_this_machine_only(client):
    client.get("/healthz")
    text = client.get("/metrics").get_data(as_text=True)
    assert "linghuo_requests_total" in text
    assert "linghuo_deliveries_waiting 0.0" in text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404


def test_refusals_of_the_api_are_json_and_of_pages_are_pages(client):
    assert client.get("/api/v1/nowhere").json["error"]["code"] == "not_found"
    page = client.get("/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "没有找到" in page.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/nowhere", "/w/nowhere", "/api/v1/nowhere"])
def test_a_wrong_link_speaks_of_no_office_that_a_worker_has_not(client, path):
    said = client.get(path).text if not path.startswith("/api") else client.get(path).json["error"]["message"]
    assert "链接可能不完整" in said
    assert "您所在的单位" not in said


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"null", b'{"phone": {}}', b'{"phone": "\\u0000"}', b"\xff\xfe"])
def test_json_of_every_wrong_shape_is_refused_in_chinese(client, body):
    answer = client.post("/api/v1/auth/sms", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert any("一" <= character <= "鿿" for character in answer.json["error"]["message"])


@pytest.mark.usefixtures("app")
def test_a_limit_counts_per_one_and_says_how_long_to_wait():
    for _ in range(3):
        limit("test", "a", times=3, seconds=60)
    limit("test", "b", times=3, seconds=60)
    with pytest.raises(TooMany) as refused:
        limit("test", "a", times=3, seconds=60)
    assert 0 < refused.value.retry_after <= 60
    forgive("test", "a")
    limit("test", "a", times=3, seconds=60)


def test_of_the_extras_one_works_one_waits_and_a_third_gives_way():
    room = Room(threads=8)
    assert room.enter()
    with ThreadPoolExecutor(1) as waiting:
        second = waiting.submit(room.enter)
        while room.enter():  # until the second one waits, the third may take its place
            room.leave()
        assert not second.done()
        room.leave()
        assert second.result()
    room.leave()


def test_an_extra_that_finds_no_room_says_when_to_come_back(app, client, monkeypatch):
    room = Room(threads=1)
    monkeypatch.setitem(app.extensions, "linghuo.extras", room)
    assert extra(Blueprint("maps", __name__)).linghuo_extra
    assert room.enter()
    refused = client.get("/console/headlines/")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    room.leave()
    assert client.get("/console/headlines/").status_code != 503


def test_logs_carry_the_request_id_and_no_secret(client, caplog):
    client.post("/api/v1/auth/sms", json={"phone": "13800000001"}, headers={"X-Request-Id": "feedc0de00000001"})
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert any(line.get("request_id") == "feedc0de00000001" for line in lines)
    assert "13800000001" not in json.dumps([record.getMessage() for record in caplog.records])


def test_masks_show_enough_to_tell_people_apart():
    assert mask_name("张三丰") == "张**"
    assert mask_resident_id("520602199001011234") == "5206**********1234"
    assert mask_phone("13800008000") == "138****8000"
    assert mask_address("贵州省铜仁市碧江区花果山街道1号") == "贵州省铜仁市****"


def test_times_are_shown_as_people_in_china_read_them(clock):
    assert shown(now()) == "2026-03-22 12:00"
    assert local(now()).hour == 12
    assert (wait(40), wait(61), wait(7200), shown(None)) == ("40 秒", "2 分钟", "2 小时", "—")
    assert clock is not None


@pytest.mark.usefixtures("app")
def test_redis_is_reached():
    assert redis_client().ping()
