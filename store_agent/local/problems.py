"""What can go wrong in asking the agent."""

from http import HTTPStatus

from store_agent.errors import AgentError, BadInput, FieldError, Unavailable


class NotRunning(Unavailable):
    """No agent answers on this machine."""


class Stranger(Unavailable):
    """The agent runs, and nothing on this machine lets this user in; a name and a token do."""


class Refused(AgentError):
    """The agent answered with an error.

    `status` is that of HTTP, `code` the agent's name for what is wrong (such as `day_open`), `message` its words;
    `fields` tell which parts of the request it is about. As text it is the message with the fields below it.
    """

    def __init__(self, status: int, code: str, message: str, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__("\n".join([message, *(f"  {field.path}: {field.message}" for field in fields)]))
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        own_fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        self.exit_code = Unavailable.exit_code if own_fault else BadInput.exit_code
