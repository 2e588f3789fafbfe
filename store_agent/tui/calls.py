"""What the screens ask of the agent, by its local API (DESIGN, section 6). Answers are the API's own JSON.

Every method may raise AgentError: `Refused` with the agent's words, NotRunning when nobody answers.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from store_agent.local.agent import LocalAgent
from store_agent.local.events import Event, listen
from store_agent.local.problems import Refused
from store_agent.tui.deeds import Deed, Target
from store_agent.tui.window import PAGE, Ask, SalePage

Json = dict[str, Any]

EXPORT_MAX = 4
"""Sales asked for in one answer of an export: so many of the largest that a till may send (256 KiB) fit into one."""

NAMED_MAX = 1_000
"""Sales that are named in one call: what the agent takes."""

AUDIT_MAX = 200
"""Entries of the audit that are shown."""


class Calls:
    """The calls of one screen. `person` is who is named in the audit; `patient` waits for what takes minutes."""

    def __init__(self, agent: LocalAgent, patient: LocalAgent, person: str) -> None:
        self._agent = agent
        self._patient = patient
        self.person = person

    async def close(self) -> None:
        """Close the connections."""
        await self._agent.close()
        await self._patient.close()

    def events(self, after: int | None) -> AsyncGenerator[Event | None]:
        """Give events as they happen, those after a number first; None shows that the line lives."""
        return listen(self._agent, after)

    async def me(self) -> Json:
        """Ask who this is to the agent."""
        return await self._get("/v1/me")

    async def status(self) -> Json:
        """Ask how line, queue and room stand."""
        return await self._get("/v1/status")

    # The queue.

    async def page(self, asked: Ask, filters: Mapping[str, Any]) -> SalePage:
        """Give what is asked for, at least one row unless there are none: a filter may have to look far."""
        place = {"after": asked.after} if asked.rising else {"before": asked.before}
        rows: list[Json] = []
        while True:
            answer = await self._get("/v1/outbox", **filters, **place, limit=PAGE)
            rows += answer["revisions"]
            following = answer["next_after"] if asked.rising else answer["next_before"]
            if asked.enough(rows) or following is None:
                return SalePage(rows, following is None)
            place = dict.fromkeys(place, following)

    async def extent(self, state: str | None) -> Json:
        """Ask from where to where the sequences of a state go, and how many there are."""
        return await self._get("/v1/outbox/extent", state=state)

    async def sale(self, sequence: int) -> Json:
        """Ask for everything that is kept of a sale."""
        return await self._get(f"/v1/outbox/{sequence}")

    async def sequences(self, filters: Mapping[str, Any], most: int) -> list[int]:
        """Give the sequences of all sales that match, the oldest first, so many at most."""
        found: list[int] = []
        ask = Ask(after=0)
        while True:
            page = await self.page(ask, filters)
            found += [row["sequence"] for row in page.rows]
            if page.end or len(found) >= most:
                return found[:most]
            ask = Ask(after=found[-1])

    async def do(self, deed: Deed, target: Target, reason: str) -> str:
        """Do something to sales; gives what to say. What is given up for good is named one by one, up to 1,000."""
        if deed.typed and target.matching is not None:
            target = Target(await self.sequences({**target.matching, "state": deed.state}, NAMED_MAX))
        asked = {"by": self.person, "reason": reason, **target.as_json()}
        return deed.said(await self._patient.call("POST", f"/v1/outbox/{deed.action}", asked))

    async def drain(self, reason: str = "") -> Json:
        """Have sending tried now."""
        return await self._post("/v1/outbox/drain", by=self.person, reason=reason)

    async def export(self, sequences: Sequence[int], reason: str) -> list[Json]:
        """Give everything that is kept of some sales; that is audited."""
        found: list[Json] = []
        for start in range(0, len(sequences), EXPORT_MAX):
            part = list(sequences[start : start + EXPORT_MAX])
            answer = await self._post("/v1/outbox/export", by=self.person, reason=reason, sequences=part)
            found += answer["sales"]
        return found

    async def attention(self) -> Json:
        """Ask for refused sales by cause."""
        return await self._get("/v1/attention")

    # The day, receipts, people and machines.

    async def day(self) -> Json:
        """Ask for the books of the open day."""
        return await self._get("/v1/day")

    async def close_day(self, reason: str) -> Json:
        """Close the day."""
        return await self._post("/v1/day/close", by=self.person, reason=reason)

    async def find_receipts(self, asked: Mapping[str, str]) -> Json:
        """Find receipts, and where their sales are."""
        return await self._get("/v1/receipts/find", **asked)

    async def reprint(self, code: str, printer: str, reason: str) -> str:
        """Print a receipt once more; gives what to say."""
        path = f"/v1/receipts/{quote(code, safe='')}/reprint"
        return str((await self._post(path, by=self.person, reason=reason, printer=printer))["words"])

    async def printers(self) -> list[Json]:
        """Ask how the printers are."""
        return list((await self._get("/v1/printers"))["printers"])

    async def prints(self) -> list[Json]:
        """List what waits for printers."""
        return list((await self._get("/v1/prints"))["prints"])

    async def print_test_page(self, printer: str) -> str:
        """Print a test page; gives what to say."""
        return str((await self._post(f"/v1/printers/{quote(printer, safe='')}/test"))["words"])

    async def give_up_print(self, job: int) -> str:
        """Give up what waits for a printer; gives what to say."""
        path = f"/v1/prints/{job}?{urlencode({'by': self.person})}"
        return str((await self._agent.call("DELETE", path))["words"])

    async def audit(self) -> list[Json]:
        """Ask what people did last."""
        return list((await self._get("/v1/audit", limit=AUDIT_MAX))["entries"])

    async def acknowledge(self, incident: int, reason: str) -> Json:
        """Take notice of damage that was mended."""
        return await self._post(f"/v1/incidents/{incident}/acknowledge", by=self.person, reason=reason)

    async def terminals(self) -> list[Json]:
        """List the terminals."""
        return list((await self._get("/v1/terminals"))["terminals"])

    async def add_terminal(self, name: str) -> str:
        """Let a terminal in; gives its token, which is never shown again."""
        return str((await self._post("/v1/terminals", name=name, by=self.person))["token"])

    async def revoke_terminal(self, name: str) -> None:
        """Shut a terminal out."""
        await self._agent.call("DELETE", f"/v1/terminals/{quote(name, safe='')}?{urlencode({'by': self.person})}")

    # Catalog and employees; `kind` is one of the two words.

    async def shelf(self, kind: str) -> Json:
        """Ask which version there is, and what became of its upload."""
        return await self._get(f"/v1/{kind}")

    async def search(self, kind: str, typed: str) -> Json:
        """Search by words."""
        return await self._get(f"/v1/{kind}/search", q=typed)

    async def versions(self, kind: str) -> list[Json]:
        """List the last versions."""
        return list((await self._get(f"/v1/{kind}/versions"))["versions"])

    async def changes(self, kind: str, version: int) -> list[Json]:
        """List what a version changed, as far as one page goes."""
        return list((await self._get(f"/v1/{kind}/versions/{version}/changes"))["changes"])

    async def push(self, kind: str) -> str:
        """Have it uploaded again; gives what came of that."""
        return str((await self._post(f"/v1/{kind}/push"))["upload"])

    async def item(self, item_id: str) -> Json:
        """Ask for an item and what modifies it."""
        return await self._get(f"/v1/catalog/items/{quote(item_id, safe='')}")

    async def item_name(self, item_id: str) -> str:
        """Ask for the name of an item; empty if there is none."""
        try:
            found = await self.item(item_id)
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return ""
            raise
        return str(found["item"]["name"] or "")

    async def unknown(self) -> Json:
        """Ask what sales named that is not known."""
        return await self._get("/v1/unknown")

    async def _get(self, path: str, **query: Any) -> Json:
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        found: Json = await self._agent.call("GET", f"{path}?{asked}" if asked else path)
        return found

    async def _post(self, path: str, **body: Any) -> Json:
        found: Json = await self._agent.call("POST", path, body)
        return found
