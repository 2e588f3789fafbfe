"""An answer from memory, marked with its age so that nobody takes it for a new one."""

import json

from store_agent.domain.counter_answer import Passed
from store_agent.domain.timestamps import stamp
from store_agent.storage.remembered import Recollection


def recollected(found: Recollection | None, wall: float, seconds: float, *, marked: bool = True) -> Passed | None:
    """Give a remembered answer as of now, None if there is none or it is older than `seconds`.

    The header Age tells its age in seconds (RFC 9111, section 5.1); where it is `marked`, so does the member
    `remembered` behind the platform's own. One from the future, by a clock that went back, has no age that could be
    told (G14).
    """
    age = None if found is None else wall - found.at / 1000
    if found is None or age is None or not 0 <= age <= seconds:
        return None
    body = found.body
    if marked:
        mark = json.dumps({"age_seconds": int(age), "as_of": stamp(found.at / 1000)})
        body = found.body.rstrip()[:-1] + f', "remembered": {mark}}}'.encode()
    return Passed(200, body, {"Age": str(int(age))})
