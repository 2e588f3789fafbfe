"""What a cashier is told: the platform's own answer, or honestly why there is none."""

import pytest

from store_agent.domain.outcome import Halted, Loss, Pending, PlatformFailure, Throttled, TooLarge, Transport
from store_agent.domain.reply import Reply
from store_agent.gateway.verdict import not_done, offline, passed
from tests.gateway.far import BROKE, DOWN, GATEWAY, PORTAL, SILENT, TOO_MUCH, good, refused

HALTED = Reply(Halted("Refused (401).", "Correct cloud.key."), 401, b'{"status": "Error"}')
PENDING = Reply(Pending("Working on it."), 200, b'{"status": "Error"}')
THROTTLED = Reply(Throttled("The platform asks to wait.", 2.2), 429, b'{"status": "Error"}')
FAILED = Reply(PlatformFailure("It failed (500)."), 500)


@pytest.mark.parametrize(
    "reply",
    [
        good(),
        refused(),
        Reply(PlatformFailure("It failed."), 500, b'{"status": "Error"}'),
        Reply(TooLarge("Too large."), 413, b'{"status": "Error"}'),
    ],
)
def test_the_platform_s_own_answer_passes_to_the_byte_G7(reply: Reply) -> None:
    answer = passed(reply)
    assert answer is not None
    assert (answer.status, answer.body, answer.headers) == (reply.status, reply.body, {})


@pytest.mark.parametrize("reply", [DOWN, BROKE, SILENT, PORTAL, GATEWAY, HALTED, PENDING, THROTTLED, FAILED])
def test_what_says_nothing_to_the_caller_does_not_pass(reply: Reply) -> None:
    assert passed(reply) is None


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (DOWN, 503, "offline"),
        (SILENT, 503, "offline"),
        (BROKE, 503, "offline"),
        (GATEWAY, 503, "offline"),
        (PORTAL, 502, "bad_answer"),
        (TOO_MUCH, 502, "bad_answer"),
        (FAILED, 502, "bad_answer"),
        (HALTED, 503, "halted"),
        (THROTTLED, 429, "throttled"),
    ],
)
def test_a_question_without_an_answer_is_told_by_its_reason(reply: Reply, status: int, code: str) -> None:
    told = not_done(reply, changes=False)
    assert (told.status, told.code) == (status, code)
    assert getattr(reply.outcome, "words", "")[:9] in told.words or code == "bad_answer"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (DOWN, "offline"),
        (SILENT, "unknown"),
        (BROKE, "unknown"),
        (GATEWAY, "unknown"),
        (PENDING, "unknown"),
        (PORTAL, "unknown"),
        (TOO_MUCH, "unknown"),
        (FAILED, "unknown"),
        (HALTED, "halted"),
        (THROTTLED, "throttled"),
    ],
)
def test_whoever_changes_something_is_told_if_nobody_knows_whether_it_was_done(reply: Reply, code: str) -> None:
    told = not_done(reply, changes=True)
    assert told.code == code
    assert ("send the same call again" in told.words) == (code == "unknown")


@pytest.mark.parametrize(("seconds", "header"), [(2.2, "3"), (0.0, "5"), (None, "5"), (300.0, "300")])
def test_it_is_told_when_to_ask_again(seconds: float | None, header: str) -> None:
    assert not_done(Reply(Throttled("Wait.", seconds), 429), changes=False).headers == {"Retry-After": header}
    assert int(offline("Down.").headers["Retry-After"]) > 0
    assert int(not_done(SILENT, changes=True).headers["Retry-After"]) > 0


def test_nothing_that_somebody_else_said_is_in_the_words_G16() -> None:
    said = "<html>secret</html>"
    for loss in Loss:
        reply = Reply(Transport("Somebody else answers.", said, loss), 200)
        assert said not in not_done(reply, changes=True).words + not_done(reply, changes=False).words
