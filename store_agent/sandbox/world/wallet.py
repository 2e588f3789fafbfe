"""The offers of every guest; the POS calls and the offers API act on the same ones."""

import itertools
import uuid

from store_agent.clock import Clock
from store_agent.errors import BadInput, FieldError
from store_agent.sandbox.guests import GUESTS, Offer
from store_agent.sandbox.world.held import Held
from store_agent.sandbox.world.rewards import Reward

_NOT_FOUND = "offer_not_found"


class Wallet:
    """Holds offers. All refusals are `BadInput` with the platform's code and words."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes = itertools.count(430_001)
        now = clock.wall()
        self._held = {offer.offer_id: Held(offer, guest.user_id, now) for guest in GUESTS for offer in guest.offers}

    def get(self, offer_id: str) -> Held:
        """Find an offer by its id. Raises `BadInput`."""
        held = self.seek(offer_id)
        if held is None:
            raise BadInput(_NOT_FOUND, f"There is no offer {offer_id}")
        return held

    def seek(self, offer_id: str) -> Held | None:
        """Find an offer by its id, if there is one."""
        return self._held.get(offer_id)

    def by_code(self, code: str) -> Held:
        """Find an offer by the short code that a guest shows. Raises `BadInput`."""
        for held in self._held.values():
            if held.offer.ttl_code == code:
                return held
        raise BadInput(_NOT_FOUND, f"There is no offer {code}")

    def look_up(self, code: str, kind: str) -> Held:
        """Find an offer as POS calls name it: by `UserOfferId` or `TTLCode`, in any case. Raises `BadInput`."""
        if kind.lower() == "userofferid":
            return self.get(code)
        if kind.lower() == "ttlcode":
            return self.by_code(code)
        words = "offer_lookup_type must be UserOfferId or TTLCode"
        raise BadInput("invalid_field", words, fields=(FieldError("request_payload.offer_lookup_type", words),))

    def of(self, user_id: str) -> list[Held]:
        """List every offer a guest has or had, oldest first."""
        return [held for held in self._held.values() if held.user_id == user_id]

    def left_of(self, user_id: str) -> list[Held]:
        """List the offers a guest still has."""
        return [held for held in self.of(user_id) if held.in_wallet]

    def locked_by(self, transaction_id: str) -> list[Held]:
        """List the offers that a transaction keeps."""
        return [held for held in self._held.values() if held.status == "LOCKED" and held.by == transaction_id]

    def issue(self, reward: Reward, user_id: str) -> Held:
        """Give a guest a new offer."""
        code, gives = str(next(self._codes)), (reward.name, reward.value, reward.pos_discount_id, reward.reward_id)
        offer = Offer(str(uuid.uuid4()), code, *gives)
        held = Held(offer, user_id, self._clock.wall())
        self._held[offer.offer_id] = held
        return held

    def used_count(self, reward: Reward) -> int:
        """Count how often offers of a kind were used."""
        return sum(held.times_redeemed for held in self._held.values() if held.offer.reward_id == reward.reward_id)

    def issued_count(self, reward: Reward) -> int:
        """Count the offers of a kind that were given out."""
        return sum(held.offer.reward_id == reward.reward_id for held in self._held.values())

    def move(self, held: Held, user_id: str) -> None:
        """Give an offer to another guest."""
        held.user_id = user_id
