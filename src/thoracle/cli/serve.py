"""`thoracle serve`: the web app on one address, until Ctrl+C."""

import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thoracle.cli.analyze import BundleOption
from thoracle.core.errors import SettingError

if TYPE_CHECKING:
    import uvicorn
    from rich.console import Console

    from thoracle.core.settings import Settings
    from thoracle.jobs.analyze import Analyzer
    from thoracle.store.results import ResultStore
    from thoracle.web.services import Extras

_LEFTOVER_DAYS = 1  # no upload takes a day: a folder without a row is then a dead process's


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; the setting host if not given.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; the setting port if not given, 0 any free one."),
    ] = None,
    bundle: BundleOption = None,
    open_browser: Annotated[
        bool, typer.Option("--open-browser", help="Open the first page when it is ready.")
    ] = False,
) -> None:
    """Start the web app: upload films, see results."""
    from datetime import timedelta

    from rich.console import Console

    from thoracle.core.settings import settings
    from thoracle.jobs.analyze import Analyzer
    from thoracle.store.results import open_store
    from thoracle.web.app import create_app
    from thoracle.web.options import options_from_settings, utc_now

    own = settings()
    address = own.host if host is None else host
    options = options_from_settings(host=address)
    console = Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(address, own.port if port is None else port))
        with console.status("Loading the models …"):
            analyzer = stack.enter_context(Analyzer(bundle))
            analyzer.warm_up()
            store = stack.enter_context(open_store(own.home, database_url=own.database_url))
            store.remove_leftovers(older_than=utc_now() - timedelta(days=_LEFTOVER_DAYS))
            _need_user(store, address, is_public=not options.loopback_only)
        app = create_app(
            analyzer,
            store,
            options=options,
            extras=_extras(own, analyzer, own.bundle if bundle is None else bundle),
        )
        url = page_address(address, listener.getsockname()[1])
        _run(app, listener, lambda: _announce(console, url, in_browser=open_browser))


def _extras(own: "Settings", analyzer: "Analyzer", bundle: str) -> "Extras":
    """Gather what pages tell beside results; synthetic films to try are drawn meanwhile."""
    from threading import Thread

    from thoracle.jobs.about import about_bundles
    from thoracle.jobs.example_films import ExampleFilms
    from thoracle.jobs.measured import measured
    from thoracle.jobs.pseudonyms import Pseudonyms
    from thoracle.web.services import Extras

    examples = ExampleFilms(own.home, own.examples)
    Thread(target=examples.prepare, daemon=True).start()
    return Extras(
        pseudonyms=Pseudonyms(own.home, keeps_identifiers=own.keep_identifiers),
        measured=measured(analyzer.models.classifier.bundle),
        bundles=about_bundles(bundle),
        examples=examples,
    )


def _run(app: Callable[..., Any], listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until Ctrl+C, which is how it is meant to end."""
    import uvicorn

    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none"
    )
    with suppress(KeyboardInterrupt):
        _announcing_server(config, announce).run(sockets=[listener])


def _need_user(store: "ResultStore", address: str, *, is_public: bool) -> None:
    """Refuse to let others reach an app that asks nobody who they are.

    Raises
    ------
    SettingError
        The address is public and there is no user.
    """
    if is_public and not store.users.any_exist():
        raise SettingError(
            f"found no user, but the public address {address} – expected one before others can "
            "reach the app. Add one with `thoracle user add NAME`, or listen on 127.0.0.1.",
            code="no-user",
        )


def _announce(console: "Console", url: str, *, in_browser: bool) -> None:
    console.print(f"Thoracle is ready: [link={url}]{url}[/link] (Ctrl+C stops it)")
    if in_browser:
        import webbrowser

        webbrowser.open(url)


def page_address(host: str, port: int) -> str:
    """Return the address of the first page as a browser on this machine takes it."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  (every interface: this machine's name works)
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow happens.

    Raises
    ------
    SettingError
        The address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingError(
            f"found no way to listen on {host} port {port} ({error.strerror or error}) – expected "
            "a free port on an address of this machine. Choose another with --port or --host.",
            code="address-taken",
        ) from error


def _announcing_server(config: "uvicorn.Config", announce: Callable[[], None]) -> "uvicorn.Server":
    """Return a server that says when it is ready, and not before."""
    import uvicorn

    class AnnouncingServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce()

    return AnnouncingServer(config)
