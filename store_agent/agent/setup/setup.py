"""The steps of a set-up, in the order in which they are taken; who answers what is asked is the command's business."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from store_agent.agent import service
from store_agent.agent.handed_over import is_given
from store_agent.agent.setup.draft import Draft, is_new, make_draft
from store_agent.agent.setup.questions import SECRET, Question, missing
from store_agent.agent.setup.secret import NAME, Credential, Place, place_of
from store_agent.agent.setup.writing import Owner, access_of, agents_user, beside, unless_it_fails, write
from store_agent.agent.setup.written import read_written
from store_agent.config.filling import Change
from store_agent.errors import ConfigurationError

DATA = "data"
"""Where sales are kept beside a configuration that is not the machine's own."""

Answers = Mapping[Question, str]


class Setup:
    """Of the configuration at `path`. `others` are keys that are set beside the answers.

    With `encrypted` the secret becomes a credential of systemd. Raises as `read_written`, and ConfigurationError where
    there is no service to hand it to.
    """

    def __init__(self, path: Path, others: Sequence[Change] = (), *, encrypted: bool = False) -> None:
        self.written = read_written(path)
        self.is_service = service.is_installed(path)
        self._others = {(one.table, one.key): one for one in (*self._directory(path), *others)}.values()
        self._encrypted = encrypted
        if encrypted and not self.is_service:
            raise ConfigurationError(
                f"--systemd-creds is for root and the service of {service.CONFIGURATION}, which is not installed here, "
                "or not meant. Nothing was changed. Without it the secret is kept in a file for the agent's user alone."
            )

    @cached_property
    def place(self) -> Place:
        """Where the secret is kept."""
        values, path = self.written.values, self.written.path
        return place_of(values, path, encrypt=self._encrypted, service=self.is_service)

    def missing(self, answers: Answers) -> list[Question]:
        """Give what neither the configuration nor the answers hold."""
        lacking = missing(self.written.values, lambda name: self.is_service and is_given(name))
        if self._encrypted and not self._kept() and SECRET not in lacking:
            lacking.append(SECRET)  # it is to be moved
        return [question for question in lacking if question not in answers]

    def news(self, answers: Answers) -> Answers:
        """Leave out a secret that is kept already."""
        moves = any(is_new(change, self.written.values) for change in self.place.changes())
        if SECRET not in answers or moves or answers[SECRET] != self._kept():
            return answers
        return {question: answer for question, answer in answers.items() if question is not SECRET}

    def draft(self, answers: Answers) -> Draft:
        """Fill in. Raises ConfigurationError as `make_draft`."""
        return make_draft(self.written, answers, self._others, self.place, service=self.is_service)

    def keep(self, draft: Draft, secret: str) -> Owner:
        """Write what is new, the secret first, if there is one; gives the agent's user. Raises CannotCreate."""
        path, agent = self.written.path, self._agent(draft.settings.storage.directory)
        with unless_it_fails(self.place.path):
            if secret:
                self.place.keep(secret, agent)
            if self.is_changed(draft):
                write(path, draft.text.encode(), access_of(path, agent))
        own = beside(path, NAME)
        if isinstance(self.place, Credential) and own.is_file():
            own.unlink()  # nobody reads it any more
        return agent

    def left_over(self) -> Path | None:
        """Give a file that still holds the secret in plain text after it has become a credential, if there is one."""
        named = self.written.values.get("cloud", {}).get("secret_file")
        path = self.written.path.parent / str(named)
        return path if named and isinstance(self.place, Credential) and path.exists() else None

    def is_changed(self, draft: Draft) -> bool:
        """Tell whether the file gets another text."""
        return not self.written.there or draft.text != self.written.text

    def serve(self, *, anew: bool) -> str:
        """Have the service run, where there is one: `restarted`, `runs`, or empty. Raises Unavailable."""
        if not self.is_service:
            return ""
        if not anew and service.runs_with((self.written.path, self.place.path)):
            return "runs"
        service.restart()
        return "restarted"

    def _agent(self, directory: Path) -> Owner:
        user = service.user() if self.is_service else None
        return agents_user(directory) if user is None else Owner(user.pw_uid, user.pw_gid)

    def _kept(self) -> str:
        """Give the secret that is kept, empty if there is none, or none that can be read: another takes its place."""
        try:
            return self.place.read()
        except ConfigurationError:
            return ""

    def _directory(self, path: Path) -> list[Change]:
        """Keep sales beside a new configuration, unless it is the machine's own."""
        if self.written.there or service.is_own(path):
            return []
        return [Change("storage", "directory", str(beside(self.written.path, DATA)))]
