"""Printers are made out of the configuration as they print."""

from pathlib import Path

from store_agent.agent.basis import Basis
from store_agent.agent.printing import Printing, make_printers
from store_agent.config.load import load
from store_agent.config.settings import Settings
from store_agent.printing.delivery import SECOND_COPY
from store_agent.printing.layout import Slip
from store_agent.printing.printer import DeviceWay
from store_agent.storage.database import Database
from store_agent.upkeep.printing import HURRIED_REST_SECONDS, QUICK_TRIES, REST_SECONDS_MAX
from tests.support.agent import config_text
from tests.support.fake_printer import FakePrinter
from tests.support.hands import HandSetClock
from tests.support.roomy import Roomy

SLIP = Slip(("a sale",), "https://rewards.example.com/r/1", "")


def settings(directory: Path, **printer: object) -> Settings:
    path = directory / "config.toml"
    path.write_text(config_text(directory, "http://127.0.0.1:9", 8750, **{"printers.counter": printer}))
    return load(path)


def test_a_serial_line_is_set_up_as_configured(tmp_path: Path) -> None:
    found = make_printers(settings(tmp_path, kind="device", path="/dev/ttyS0", baud=9600, flow_control="xonxoff"))[
        "counter"
    ]
    assert found.way == DeviceWay(Path("/dev/ttyS0"), 9_600, "xonxoff")


async def test_who_prints_shortens_the_rest_of_a_printer_that_failed(database: Database, tmp_path: Path) -> None:
    clock, hurried = HandSetClock(), list[str]()
    with FakePrinter("resets") as fake:
        configured = settings(tmp_path, kind="network", host="127.0.0.1", port=fake.port)
        printing = Printing(Basis(configured, database, clock, lambda _: None))
        (chore,) = [job.chore for job in printing.jobs if job.name == "print.counter"]
        spool = printing.spool(Roomy(), hurried.append)
        await spool.print(spool.named("counter"), SLIP, "receipt R-1")
        for _ in range(QUICK_TRIES + 5):
            clock.let_pass(REST_SECONDS_MAX)
            await chore.run_once()
        clock.let_pass(HURRIED_REST_SECONDS)
        fake.be_well()
        await chore.run_once()
        assert fake.jobs == [], "the control: nobody asked since"
        await spool.print(spool.named("counter"), SLIP, "receipt R-2")
        await chore.run_once()
        assert fake.wait_for_jobs(2)[0].startswith(SECOND_COPY)
    assert hurried == ["print.counter"] * 2
