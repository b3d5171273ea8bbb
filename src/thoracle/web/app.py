"""The web app: guards in front, pages and JSON behind, errors in one sentence."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from thoracle.core.version import version
from thoracle.jobs.results import AnalyzerLike
from thoracle.store.results import ResultStore
from thoracle.web import (
    api,
    api_breathing,
    api_breathing_live,
    api_charts,
    api_ct,
    api_ct_compare,
    api_texture,
)
from thoracle.web.ct_uploads import takes_scans
from thoracle.web.guards import HostGuard, OriginGuard, PathRule, SecurityHeaders, UploadLimit
from thoracle.web.housekeeping import housekeeping
from thoracle.web.openapi import describe
from thoracle.web.options import BYTES_PER_MB, WebOptions, options_from_settings
from thoracle.web.pages import (
    about,
    account,
    breathing,
    breathing_recording,
    chart,
    chart_variables,
    charts,
    ct,
    ct_compare,
    ct_scan,
    drift,
    examples,
    history,
    monitor,
    patients,
    projector,
    readings,
    report,
    result,
    texture,
    upload,
)
from thoracle.web.problems import add_error_answers, known_error_response
from thoracle.web.rate import RateLimit
from thoracle.web.render import error_response
from thoracle.web.services import NO_EXTRAS, Extras, Services
from thoracle.web.texts import WEB
from thoracle.web.visitors import Visitors


def create_app(
    analyzer: AnalyzerLike,
    store: ResultStore,
    *,
    options: WebOptions | None = None,
    extras: Extras = NO_EXTRAS,
) -> FastAPI:
    """Build the web app around an analyzer and a store.

    Parameters
    ----------
    analyzer, store
        Open; the caller closes them when the app has stopped.
    options
        Limits, address and clock; None takes them from the settings.
    extras
        What else the app knows; see `Extras`.

    Returns
    -------
    FastAPI
        An ASGI app that needs nothing from the network.
    """
    chosen = options_from_settings() if options is None else options
    services = Services(analyzer, store, chosen, extras=extras)
    app = FastAPI(
        title=WEB["name"],
        description=WEB["tagline"],
        version=version(),
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        middleware=_guards(services),
        lifespan=housekeeping(services),
    )
    app.state.services = services
    for one in (
        api,
        report,
        upload,
        examples,
        result,
        texture,
        api_texture,
        breathing,
        breathing_recording,
        api_breathing,
        charts,
        chart_variables,
        chart,
        api_charts,
        ct,
        ct_scan,
        ct_compare,
        api_ct,
        api_ct_compare,
        api_breathing_live,
        monitor,
        history,
        patients,
        account,
        readings,
        drift,
        projector,
        about,
    ):
        app.include_router(one.router)
    add_error_answers(app)
    describe(app)
    return app


def _guards(services: Services) -> list[Middleware]:
    options = services.options
    guards = [Middleware(SecurityHeaders)]
    if options.loopback_only:
        guards.append(Middleware(HostGuard, refuse=error_response, text=WEB["error_host"]))
    guards.append(Middleware(OriginGuard, refuse=error_response, text=WEB["error_origin"]))
    guards += [
        _upload_limit(options.upload_limit_mb, lambda path: not takes_scans(path)),
        _upload_limit(options.ct_upload_limit_mb, takes_scans),
    ]
    guards.append(
        Middleware(
            Visitors,
            services=services,
            refuse=error_response,
            text=WEB["error_sign_in"],
            on_error=known_error_response,
        )
    )
    if options.rate_limit_per_minute > 0:
        guards.append(Middleware(RateLimit, services=services, refuse=error_response))
    return guards


def _upload_limit(megabytes: float, only: PathRule) -> Middleware:
    return Middleware(
        UploadLimit,
        limit_bytes=int(megabytes * BYTES_PER_MB),
        refuse=error_response,
        text=WEB["upload_too_large"].format(megabytes=f"{megabytes:g}"),
        only=only,
    )
