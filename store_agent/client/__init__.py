"""What a POS plugin needs to speak with the agent: typed calls, and sales kept until the agent took them.

Constraints. It imports nothing else of store_agent and no third-party package but httpx, so that a vendor can copy this
directory into a plugin (imports are relative for that). Money is exact: numbers are read as `int` or `Decimal` and
floats are refused. A cashier never waits long: every call has a time-out with a name (`Timeouts`). Credentials are
shown by no repr and stand in no exception.

Flow of a call::

    calls     a method's arguments become a Call: a request, and how to read its answer; no I/O, the one core of both
    blocking  AgentClient has it done by httpx.Client         asynchronous  AsyncAgentClient by httpx.AsyncClient
    answers   the status and the container become values or one of the exceptions of `problems`
    results   the payload becomes frozen dataclasses; the documented and the recorded shapes are both read

Flow of a kept sale: `kept` writes it to a directory, `flushing` decides what becomes of it after each answer.

What is expected is a value (an offline discount, a remembered guest, a sale that waits for the line); what is not is an
exception, named for what the plugin should do next.
"""

from .asynchronous import AsyncAgentClient
from .blocking import AgentClient
from .call import Answer, Call, Request, Timeouts
from .calls import Calls
from .exact import read_json, write_json
from .flushing import Flushed, SetAside
from .problems import AgentProblem, FieldProblem, NotAllowed, NotKept, NotNow, Offline, OutcomeUnknown, Refused
from .receipts import Receipt
from .results import (
    Age,
    Applied,
    Card,
    Discount,
    GivenBack,
    Lookup,
    PointAccount,
    Status,
    Taken,
    Uploaded,
    User,
    Warned,
)

__all__ = [
    "Age",
    "AgentClient",
    "AgentProblem",
    "Answer",
    "Applied",
    "AsyncAgentClient",
    "Call",
    "Calls",
    "Card",
    "Discount",
    "FieldProblem",
    "Flushed",
    "GivenBack",
    "Lookup",
    "NotAllowed",
    "NotKept",
    "NotNow",
    "Offline",
    "OutcomeUnknown",
    "PointAccount",
    "Receipt",
    "Refused",
    "Request",
    "SetAside",
    "Status",
    "Taken",
    "Timeouts",
    "Uploaded",
    "User",
    "Warned",
    "read_json",
    "write_json",
]
