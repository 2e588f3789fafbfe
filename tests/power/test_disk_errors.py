"""Input/output errors under a sale: no 200 for what is not durable, a 503 `retry`, and the agent goes on by itself."""

import sys

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.power.disk_errors import DiskErrors
from tests.power.traced import SYNCS, TracedAgent, needs_strace

pytestmark = needs_strace

WRITES = (1, 2, 9)
"""Of the log: its header, a frame of the sale, one further on."""

DEAF = (sys.executable, "-m", "tests.power.deaf_agent")


def test_a_sync_that_fails_once_costs_the_till_a_second_try_G1_G2(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    tried = DiskErrors(TracedAgent(make_agent(platform.url)), platform, SYNCS).once()
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.points >= 3, "the sale, its request, its settling"


def test_a_write_that_fails_once_costs_the_till_a_second_try_G1_G2(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    traced = TracedAgent(make_agent(platform.url))
    tried = DiskErrors(traced, platform, "pwrite64", (traced.log_file,)).once(WRITES)
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.points >= 3


def test_a_disk_that_syncs_no_more_gets_no_sale_acknowledged_G1(make_agent: MakeAgent, platform: SandboxServer) -> None:
    tried = DiskErrors(TracedAgent(make_agent(platform.url)), platform, SYNCS).for_a_while([1, 3])
    assert tried.words == []
    assert tried.lost == tried.doubled == 0


def test_an_agent_that_does_not_hear_the_disk_would_be_noticed_G1(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    """The control: an agent that answers 200 whatever the disk said."""
    tried = DiskErrors(TracedAgent(make_agent(platform.url), DEAF), platform, SYNCS).for_a_while([1])
    assert any("while no sync worked" in words for words in tried.words)
