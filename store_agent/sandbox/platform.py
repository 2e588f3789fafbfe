"""What the platform answers to POS calls, without any network.

A request_id is processed once ("SessionM POS API, General Request Container"): every later ask under it gets the
stored answer, delivered or refused alike, whatever its body says. Answers about credentials are never stored.
"""

from collections.abc import Callable, Mapping
from typing import Any

from store_agent.clock import Clock
from store_agent.errors import BadInput
from store_agent.sandbox.account import Account
from store_agent.sandbox.answer import Answer, accepted, refused
from store_agent.sandbox.ask import Ask
from store_agent.sandbox.container import BATCH, SINGLE, Container, missing
from store_agent.sandbox.counter import Counter
from store_agent.sandbox.fault import Fault
from store_agent.sandbox.sends import check_refusal, check_sends
from store_agent.sandbox.uploads import Uploads
from store_agent.sandbox.world.world import World

_DELIVERED = accepted()
_FORBIDDEN = refused(BadInput("unauthorized", "The key and secret are not those of this store", status=403))


class Platform:
    """The platform's memory and rules. `account` is open to whoever wants to check it, `world` to the relayed calls."""

    def __init__(self, *, batch_max: int, clock: Clock, account: Account) -> None:
        self.account = account
        self._batch_max = batch_max
        self._clock = clock
        self.world = World(clock)
        self._uploads = Uploads()
        self._handlers: Mapping[str, Callable[[Container], Answer]] = {
            SINGLE: self._send,
            BATCH: self._send,
            "lookup": self._lookup,
            "redeem": self._redeem,
            "lock": self._lock,
            "unlock": self._unlock,
            "reinstate": self._reinstate,
            "upload_catalog": self._upload_catalog,
            "upload_employees": self._upload_employees,
        }

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Names of the POS endpoints, below `/api/2.0/`."""
        return tuple(self._handlers)

    def hear(self, ask: Ask) -> None:
        """Note that a request arrived, whether or not it will be processed."""
        if ask.authorised and ask.container is not None:
            self.account.hear(ask.container, at=self._clock.monotonic())

    def answer(self, ask: Ask, refusal: Fault | None = None) -> Answer:
        """Process a request, or repeat the answer that its request_id had.

        `refusal`: a `refuse` fault that applies when the request is new.
        """
        if not ask.authorised:
            return _FORBIDDEN
        if isinstance(ask.request, BadInput):
            return refused(ask.request)
        stored = self.account.stored_answer(ask.request.request_id)
        if stored is not None:
            self.account.repeated()
            return stored
        return self._process(ask.request, refusal)

    def forget(self) -> None:
        """Forget requests, calls, uploads and everything that happened; only the seeded guests remain."""
        self.account.forget()
        self.world = World(self._clock)
        self._uploads = Uploads()

    def offer(self, offer_id: str) -> dict[str, Any]:
        """Give `{"status": INFO, LOCKED, REDEEMED or REVOKED, "by": transaction or None, "times_redeemed": n}`.

        Raises `BadInput` for an unknown offer.
        """
        held = self.world.wallet.seek(offer_id)
        if held is None:
            raise BadInput("offer_not_found", f"There is no offer {offer_id}", status=404)
        return held.as_state()

    def uploads(self) -> dict[str, Any]:
        """Give the last catalog and employees: `{"catalog": ..., "employees": ...}`."""
        return self._uploads.as_json()

    def _process(self, container: Container, refusal: Fault | None) -> Answer:
        try:
            _check_container(container)
            if refusal is not None:
                check_refusal(container, refusal)
            answer, fine = self._handlers[container.endpoint](container), True
        except BadInput as problem:
            answer, fine = refused(problem), False
        self.account.processed(container, answer, accepted=fine, at=self._clock.monotonic())
        return answer

    def _send(self, container: Container) -> Answer:
        check_sends(container, self._batch_max)
        for sent in container.sent:
            self._counter.settle(sent.value)
        return _DELIVERED

    def _lookup(self, container: Container) -> Answer:
        # Recorded: a lookup says "success" and its payload is the bare list of users.
        return accepted(self._counter.lookup(container.payload), word="success")

    def _redeem(self, container: Container) -> Answer:
        return accepted(self._counter.redeem(container.payload))

    def _lock(self, container: Container) -> Answer:
        return accepted(self._counter.lock(container.payload))

    def _unlock(self, container: Container) -> Answer:
        self._counter.unlock(container.payload)
        return _DELIVERED

    def _reinstate(self, container: Container) -> Answer:
        self._counter.reinstate(container.payload)
        return _DELIVERED

    def _upload_catalog(self, container: Container) -> Answer:
        self._uploads.catalog(container.payload)
        return _DELIVERED

    def _upload_employees(self, container: Container) -> Answer:
        self._uploads.employees(container.payload)
        return _DELIVERED

    @property
    def _counter(self) -> Counter:
        return Counter(self.world)


def _check_container(container: Container) -> None:
    for name in ("store_id", "client_id"):
        if not isinstance(container.members.get(name), str) or not container.members[name]:
            raise missing(name)
    if not isinstance(container.payload, dict):
        raise BadInput("invalid_payload", "request_payload must be an object")
