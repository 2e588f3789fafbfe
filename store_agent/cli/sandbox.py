"""`store-agent sandbox`."""

from typing import Annotated

import typer


def sandbox(  # noqa: PLR0917 - one parameter an option
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 picks a free one.")] = 9000,
    host: Annotated[str, typer.Option(help="Address of this machine to listen on.")] = "127.0.0.1",
    key: Annotated[str, typer.Option(help="Key of the POS API.")] = "sandbox-key",
    secret: Annotated[str, typer.Option(help="Secret of the POS API.")] = "sandbox-secret",  # noqa: S107 - made up
    app_key: Annotated[str, typer.Option(help="Key of the core upstream: /priv/..., /api/v1/...")] = "sandbox-app-key",
    app_secret: Annotated[str, typer.Option(help="Secret of the core upstream.")] = "sandbox-app-secret",  # noqa: S107 - the same
    connect_key: Annotated[
        str, typer.Option(help="Key of the connect upstream: /offers/..., /incentives/...")
    ] = "sandbox-connect-key",
    connect_secret: Annotated[str, typer.Option(help="Secret of the connect upstream.")] = "sandbox-connect-secret",  # noqa: S107 - the same
    latency_ms: Annotated[int, typer.Option(min=0, help="Milliseconds added to every call.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of faults that come by chance.")] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="What to do wrong, e.g. down, hang, status:code=429,retry_after=2,count=3, refuse:ids=A1+A2, "
            "drop_after:count=1,path=/api/2.0/lock."
        ),
    ] = None,
    *,
    keep_bodies: Annotated[bool, typer.Option(help="Keep the text of every request for its account.")] = True,
) -> None:
    """Run the stand-in platform, for training and tests."""
    from store_agent.sandbox.fault import parse_fault
    from store_agent.sandbox.options import SandboxOptions
    from store_agent.sandbox.server import serve

    faults = tuple(parse_fault(text) for text in fault or ())
    serve(
        SandboxOptions(
            host=host,
            port=port,
            key=key,
            secret=secret,
            app_key=app_key,
            app_secret=app_secret,
            connect_key=connect_key,
            connect_secret=connect_secret,
            latency_ms=latency_ms,
            seed=seed,
            keep_bodies=keep_bodies,
            faults=faults,
        )
    )
