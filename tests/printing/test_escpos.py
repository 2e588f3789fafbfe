"""Stubs for printers: the code is the address, and nothing that a sale brought is ever a command."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_agent.errors import BadInput, ConfigurationError
from store_agent.printing import escpos
from store_agent.printing.escpos import render
from store_agent.printing.layout import Slip, receipt_slip
from store_agent.printing.paper import PAPERS, Paper
from tests.printing.test_qr import ADDRESS, addresses
from tests.support.receipt_printer import NotOurs, printed
from tests.support.scanner import from_dots, scan

SLIP = Slip(("Corner Shop", "Sale T-1"), ADDRESS, "Scan to collect your points")
BARE = Slip((), ADDRESS, "")
RASTER = {width: replace(paper, native_qr=False) for width, paper in PAPERS.items()}

COMMANDS = {
    marked: [
        (paper, printed(render(replace(BARE, mark="x" if marked else ""), paper)).commands)
        for paper in (PAPERS[80], replace(PAPERS[58], native_qr=False, module_dots=3))
    ]
    for marked in (False, True)
}
"""What a stub of nothing but our own text is made of, without and with a mark."""

widths = st.sampled_from([58, 80])
levels = st.sampled_from(["L", "M", "Q", "H"])
quiet_zones = st.integers(min_value=2, max_value=8)
papers = st.builds(
    lambda width, level, quiet: replace(PAPERS[width], error_correction=level, quiet_zone=quiet),
    widths,
    levels,
    quiet_zones,
)
pages = st.sampled_from(["CP437", "CP850", "CP852", "CP858", "CP866", "CP1252", "CP932", "ISO_8859-15"])
texts = st.text(max_size=120) | st.text("\x00\x07\x0a\x0d\x10\x14\x1b\x1c\x1d\x7f\x9b@(kpV0", max_size=40)


@settings(max_examples=50)
@given(addresses, papers)
def test_the_native_command_holds_the_address(address: str, paper: Paper) -> None:
    (code,) = printed(render(replace(SLIP, url=address), paper)).drawn
    assert code["data"] == address.encode()
    assert (code["model"], code["level"]) == (2, paper.error_correction)
    assert code["dots"] in range(escpos.MODULE_DOTS_MIN, paper.module_dots + 1)


@settings(max_examples=30)
@given(addresses, papers)
def test_the_picture_for_a_printer_holds_the_address_and_fits(address: str, paper: Paper) -> None:
    (dots,) = printed(render(replace(SLIP, url=address), replace(paper, native_qr=False))).pictures
    assert len(dots[0]) <= paper.dots
    assert scan(from_dots(dots)) == address


@settings(max_examples=120)
@given(st.builds(Slip, st.tuples(texts, texts), st.just(ADDRESS), texts, st.just("") | texts, texts), pages)
def test_no_text_of_a_sale_is_a_command(slip: Slip, page: str) -> None:
    for paper, expected in COMMANDS[bool(slip.mark)]:
        assert printed(render(slip, replace(paper, code_page=page))).commands == expected


def test_a_text_that_is_written_as_it_came_would_be_noticed() -> None:
    """The control for the test above."""
    job = render(replace(SLIP, lines=("INJECT",)), PAPERS[80])
    for command in (b"\x1bp\x00", b"\x10\x14\x01", b"\x1d(A\x02\x00\x00\x02", b"\x1c&", b"\x0c", b"\x7f"):
        with pytest.raises(NotOurs):
            printed(job.replace(b"INJECT", command))


def test_a_control_code_in_a_text_is_printed_as_a_question_mark() -> None:
    lines = printed(render(replace(SLIP, lines=("Sale \x1bp\x00 T-1\x7f",)), PAPERS[80])).lines
    assert lines[0] == b"Sale ?p? T-1?"


def test_letters_are_those_of_the_code_page_or_the_nearest() -> None:
    def first(line: str, page: str) -> bytes:
        return printed(render(replace(SLIP, lines=(line,)), replace(PAPERS[80], code_page=page))).lines[0]

    assert first("Café Zürich", "CP437") == "Café Zürich".encode("cp437")
    assert first("Łódź, č 5 €", "CP437") == "?ódz, c 5 ?".encode("cp437")
    assert first("Łódź", "CP852") == "Łódź".encode("cp852")
    assert first("5 €", "CP858") == "5 €".encode("cp858")
    assert first("Чек", "CP866") == "Чек".encode("cp866")
    assert first("収据", "CP437") == b"??"
    assert printed(render(SLIP, replace(PAPERS[80], code_page="CP852"))).page == 18


@pytest.mark.parametrize("page", ["CP999", "Unknown", "ISO_8859-1", "CP851", ""])
def test_a_code_page_that_nobody_knows_is_refused_in_words(page: str) -> None:
    with pytest.raises(ConfigurationError, match="CP437, CP850"):
        render(SLIP, replace(PAPERS[80], code_page=page))


def test_a_stub_reads_from_top_to_bottom() -> None:
    found = printed(render(replace(SLIP, mark="REPRINT"), PAPERS[58]))
    assert found.lines == [
        b"*** REPRINT ***",
        b"Corner Shop",
        b"Sale T-1",
        b"",
        b"Scan to collect your points",
        b"",
        b"",
        b"2121d92f-2d4c-4bd6-9f0e-",
        b"7ef6c0f5a3c1",
    ]
    assert found.cut
    assert not printed(render(SLIP, replace(PAPERS[58], cut=False))).cut


def test_long_lines_are_wrapped_and_not_cut() -> None:
    slip = replace(SLIP, lines=("A shop with a very long name at the corner of the street " + "x" * 64,))
    lines = printed(render(slip, PAPERS[58])).lines
    assert max(map(len, lines)) <= 32
    assert b"".join(lines).count(b"x") == 64


def test_a_code_is_as_large_as_fits() -> None:
    wide = replace(RASTER[80], module_dots=16)
    for paper, dots in ((RASTER[80], 6), (RASTER[58], 6), (wide, 11), (replace(wide, dots=140), 3)):
        (picture,) = printed(render(SLIP, paper)).pictures
        assert len(picture) == 45 * dots <= paper.dots
        (drawn,) = printed(render(SLIP, replace(paper, native_qr=True))).drawn
        assert drawn["dots"] == dots


def test_a_code_that_cannot_fit_is_refused_in_words() -> None:
    long = replace(SLIP, url=ADDRESS + "x" * 2_000)
    for native in (True, False):
        with pytest.raises(BadInput, match="does not fit on paper of 58 mm") as refused:
            render(long, replace(PAPERS[58], native_qr=native))
        assert refused.value.code == "not_printable"
    assert printed(render(long, replace(RASTER[80], dots=576, error_correction="L"))).pictures


def test_the_same_receipt_gives_the_same_bytes() -> None:
    made = [receipt_slip("T-1", "P1", "code-1", ADDRESS, "Scan") for _ in range(2)]
    assert render(made[0], PAPERS[80]) == render(made[1], PAPERS[80])


WITHOUT = """
import sys
sys.modules["escpos"] = None
from store_agent.errors import Unavailable
from store_agent.printing import escpos, layout, qr
from store_agent.printing.paper import Paper
slip = layout.Slip((), "https://x.example/1", "")
assert qr.svg(slip.url, qr.Drawing()) and qr.png(slip.url, qr.Drawing()) and layout.text(slip)
try:
    escpos.render(slip, Paper())
except Unavailable as problem:
    print(problem)
"""


def test_without_the_extra_everything_else_works_and_the_cure_is_named() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert "pip install --require-hashes -r requirements/printer.txt" in done.stdout


FIRST = """
import os, sys, tempfile, threading
from store_agent.printing import escpos, layout
from store_agent.printing.paper import Paper
assert not {"escpos", "yaml"} & set(sys.modules)
jobs = []
slip = layout.Slip((), "https://x.example/1", "")
threads = [threading.Thread(target=lambda: jobs.append(escpos.render(slip, Paper()))) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert len(jobs) == 4 and len(set(jobs)) == 1
assert "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ
print([name for _, _, names in os.walk(tempfile.gettempdir()) for name in names])
"""


def test_the_library_is_loaded_once_when_it_is_needed_and_leaves_no_file_behind(
    tmp_path: Path,
) -> None:
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("[]\n", "")
