"""The clock of this machine: whether it can be right, is kept right, and agrees with the platform's (G14)."""

import ctypes
import http.client
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from store_agent.agent.doctor.finding import Finding, not_checked, ok, warning
from store_agent.agent.doctor.subject import Subject
from store_agent.agent.doctor.way import connect
from store_agent.clock import SystemClock
from store_agent.config.upstream import Cloud
from store_agent.domain.skew import CURE, MEANING, Moment, estimate, read_date
from store_agent.errors import ConfigurationError

SENSIBLE_YEAR = 2020
"""An earlier year is that of an empty battery."""

DATE_SECONDS = 5.0
"""How long each step of asking the platform for its date may take."""

_TIMEX_BYTES = 512
"""More than struct timex has on any machine."""

_TIME_ERROR = 5


def check(_: Subject) -> Iterator[Finding]:
    """Look at the year, and ask the kernel whether anything keeps the clock right (adjtimex(2))."""
    now = datetime.fromtimestamp(SystemClock().wall(), UTC)
    words = f"It is {now:%Y-%m-%d %H:%M:%S} UTC here."
    if now.year < SENSIBLE_YEAR:
        meaning = f"{MEANING} The platform's certificate may be refused, so that nothing is sent."
        yield warning("clock", words, meaning, f"{CURE}; a battery of the machine may be empty.")
    else:
        yield ok("clock", words)
    yield _kept_right()


def _kept_right() -> Finding:
    name = "clock.kept"
    if ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) == _TIME_ERROR:
        return warning(name, "No time service keeps the clock right.", MEANING, CURE)
    return ok(name, "A time service keeps the clock right.")


def check_skew(subject: Subject) -> Iterator[Finding]:
    """Compare with the date of any answer at the platform's address; nothing secret is sent."""
    name, clock = "clock.platform", SystemClock()
    began = Moment(clock.wall(), clock.monotonic())
    try:
        date = read_date(_ask_date(subject.settings.cloud))
    except (OSError, http.client.HTTPException, ValueError, ConfigurationError):
        yield not_checked(name, "The platform tells no time: it cannot be reached.")
        return
    skew = None if date is None else estimate(date, began, Moment(clock.wall(), clock.monotonic()))
    if skew is None:
        yield not_checked(name, "The platform's answer tells no time that can be used.")
    elif skew.noticeable:
        yield warning(name, skew.words, MEANING, CURE)
    else:
        yield ok(name, skew.words)


def _ask_date(cloud: Cloud) -> str | None:
    """Ask for nothing, to get a date; without trust, since a wrong clock makes the best certificate look bad."""
    url = urlsplit(cloud.base_url)
    host = url.hostname or ""
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, url.port, context=context)
        connection.sock = context.wrap_socket(connect(cloud, DATE_SECONDS), server_hostname=host)
    else:
        connection = http.client.HTTPConnection(host, url.port, timeout=DATE_SECONDS)
    try:
        connection.request("HEAD", "/")
        return connection.getresponse().getheader("Date")
    finally:
        connection.close()
