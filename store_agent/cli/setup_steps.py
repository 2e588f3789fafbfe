"""The way of `store-agent init`: what is asked when, and what is told of it."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

import typer

from store_agent.agent.setup.questions import OF_THE_PLATFORM, SECRET, Question, wrong
from store_agent.agent.setup.trial import NOT_TESTED, Result, Verdict, try_out
from store_agent.agent.setup.writing import become
from store_agent.cli.asking import ask, ask_name
from store_agent.cli.terminal import known, let_in
from store_agent.config.credentials import credentials_of
from store_agent.config.load import load
from store_agent.errors import Busy, ConfigurationError, TemporaryFailure, Unavailable

if TYPE_CHECKING:
    from store_agent.agent.setup.draft import Draft
    from store_agent.agent.setup.setup import Setup
    from store_agent.cli.setup_report import Report
    from store_agent.config.settings import Settings

LANE = "lane-1"
"""The first terminal, unless somebody says otherwise."""

SECRET_VARIABLE = "STORE_AGENT_CLOUD__SECRET"  # noqa: S105 - the name of one

_BEGINNING = (
    "What is asked for now only you know; the platform has given you most of it. Nothing is written before all of it "
    "can be used. Ctrl-C leaves everything as it is."
)


class Steps:
    """Takes the steps of a set-up; `asks` tells that there is a person to ask."""

    def __init__(self, setup: "Setup", report: "Report", *, asks: bool) -> None:
        self._setup = setup
        self._report = report
        self._asks = asks
        # It is for the configuration, and not to come before what is in it.
        self._from_environment = os.environ.pop(SECRET_VARIABLE, "")

    def configure(self, given: Mapping[Question, str], *, test: bool) -> "Settings":
        """Complete the configuration, try it, keep it, and have the service run with it; goes on as the agent's user.

        Raises ConfigurationError, CannotCreate, Unavailable; ends the command where the platform refuses the store.
        """
        answers = self._setup.news(self._complete(given))
        draft, verdict = self._try(answers, test=test)
        while verdict.result is Result.REFUSED and self._asks:
            answers = self._again(answers, draft)
            draft, verdict = self._try(answers, test=test)
        if verdict.result is Result.REFUSED:
            self._refused()
        return self._keep(draft, answers.get(SECRET, ""))

    def add_terminal(self, settings: "Settings", name: str | None, who: str) -> None:
        """Let the first terminal in, or the one that is named, unless it is there. Raises Unavailable."""
        try:
            self._add_terminal(settings, name, who)
        except (TemporaryFailure, Busy) as error:
            self._report.end()
            raise Unavailable(
                f"The configuration is written, but no terminal was let in: {error} Then run this again."
            ) from None

    def _add_terminal(self, settings: "Settings", name: str | None, who: str) -> None:
        terminals = {one["name"]: one["revoked_at"] for one in known(settings)["terminals"]}
        in_use = [one for one, revoked in terminals.items() if revoked is None]
        if name is None:
            name = in_use[0] if in_use else ask_name(LANE) if self._asks else LANE
        if name in terminals:
            self._report.met(name, terminals[name])
        else:
            self._report.added(name, let_in(settings, name, who, "store-agent init")["token"], settings)

    def _complete(self, given: Mapping[Question, str]) -> dict[Question, str]:
        """Add what is missing: from the environment, or by asking. Raises ConfigurationError."""
        answers = dict(given)
        lacking = self._setup.missing(answers)
        if SECRET in lacking and self._from_environment:
            answers[SECRET] = self._from_environment
            lacking.remove(SECRET)
        for question, answer in answers.items():
            if problem := wrong(question, answer):
                raise ConfigurationError(f"{question.flag}: {problem} Nothing was changed.")
        if lacking and not self._asks:
            raise ConfigurationError(_needed(lacking))
        if lacking:
            self._report.say(_BEGINNING)
        return answers | {question: ask(question) for question in lacking}

    def _try(self, answers: Mapping[Question, str], *, test: bool) -> tuple["Draft", Verdict]:
        draft = self._setup.draft(answers)
        if test:
            self._report.say("The platform is asked whether it takes this store...")
        verdict = try_out(draft.settings) if test else NOT_TESTED
        self._report.tried(verdict)
        return draft, verdict

    def _again(self, answers: Mapping[Question, str], draft: "Draft") -> Mapping[Question, str]:
        """Ask once more for all that the platform may mean; what is kept as it is needs no answer."""
        self._report.say("Correct what is wrong, or leave with Ctrl-C; Enter alone keeps what it is.")
        store, cloud = draft.settings.store, draft.settings.cloud
        credentials = credentials_of(cloud)
        present = (store.store_id, store.client_id, cloud.base_url, credentials.key, credentials.secret)
        asked = {question: (ask(question, was), was) for question, was in zip(OF_THE_PLATFORM, present, strict=True)}
        return {**answers, **{question: answer for question, (answer, was) in asked.items() if answer != was}}

    def _refused(self) -> NoReturn:
        self._report.say("Nothing was written. With --no-test it is written as it is.")
        self._report.end()
        raise typer.Exit(ConfigurationError.exit_code)

    def _keep(self, draft: "Draft", secret: str) -> "Settings":
        written = self._setup.is_changed(draft)
        agent = self._setup.keep(draft, secret)
        settings = load(self._setup.written.path)
        self._report.wrote(draft.changed, written=written or bool(secret))
        if left := self._setup.left_over():
            self._report.still_plain(left)
        self._serve(anew=written or bool(secret))
        become(agent)
        return settings

    def _serve(self, *, anew: bool) -> None:
        try:
            self._report.served(self._setup.serve(anew=anew))
        except Unavailable:
            self._report.end()
            raise


def _needed(lacking: Sequence[Question]) -> str:
    flags = [question.flag + (f" (or {SECRET_VARIABLE})" if question is SECRET else "") for question in lacking]
    return f"There is nobody to ask, and something is missing; nothing was changed. Give it with: {', '.join(flags)}."
