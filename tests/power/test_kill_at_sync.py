"""Kill -9 at every sync of a sale, of a drain and of a migration: nothing acknowledged is lost or doubled.

The suite kills at each sync of a sale and at some of the longer stories; `python -m tests.power` kills at each.
"""

import sys

from store_agent.sandbox.server import SandboxServer
from tests.conftest import MakeAgent
from tests.power.kill_stories import OLD_SALES, drain, migration, rush, sell_one
from tests.power.kills import Kills
from tests.power.traced import TracedAgent, needs_strace

pytestmark = needs_strace

BROKEN = (sys.executable, "-m", "tests.support.broken_agent")
DRAIN_SYNCS = (2, 6)
MIGRATION_SYNCS = (5, 12)


def test_a_sale_survives_a_kill_at_every_sync_G1_G2_G8(make_agent: MakeAgent, platform: SandboxServer) -> None:
    tried = Kills(TracedAgent(make_agent(platform.url)), platform, sell_one).every()
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.points >= 3, "the sale, its request, its settling"
    assert tried.acknowledged > 0


def test_a_drain_survives_a_kill_at_every_sync_G1_G2_G3_G8(make_agent: MakeAgent, platform: SandboxServer) -> None:
    tried = Kills(TracedAgent(make_agent(platform.url)), platform, drain).some(DRAIN_SYNCS)
    assert tried.words == []
    assert tried.lost == tried.doubled == 0


def test_a_migration_survives_a_kill_at_every_sync_G2_G3_G8(make_agent: MakeAgent, platform: SandboxServer) -> None:
    kills = migration(TracedAgent(make_agent(platform.url)), platform)
    tried = kills.some(MIGRATION_SYNCS)
    assert tried.words == []
    assert tried.lost == tried.doubled == 0
    assert tried.acknowledged == tried.points * OLD_SALES


def test_answering_before_the_commit_would_be_noticed_by_a_kill_at_a_sync_G1(
    make_agent: MakeAgent, platform: SandboxServer
) -> None:
    """The control: the first sync of an agent that commits later comes when sales were answered already."""
    tried = Kills(TracedAgent(make_agent(platform.url), BROKEN), platform, rush).at(1)
    assert tried is not None
    assert tried.lost > 0
