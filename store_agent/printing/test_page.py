"""The page that shows whether a printer is set up as it should be."""

from store_agent.printing.layout import Slip
from store_agent.printing.paper import Paper

_ADDRESS = "https://example.com/test-page"
_SAMPLE = "ÄÖÜ äöü ß é è ç ñ € £"


def trial_slip(printer: str, paper: Paper) -> Slip:
    """Give the test page of a printer: its name, a ruler as wide as the paper, letters of its code page, a QR code."""
    ruler = "".join(str(column % 10) for column in range(1, paper.columns + 1))
    setting = f"{paper.width_mm} mm, {paper.columns} columns, {paper.code_page}"
    return Slip((printer, setting, ruler, _SAMPLE), _ADDRESS, "The ruler must fill one line.", mark="TEST PAGE")
