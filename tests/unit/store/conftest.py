"""A result with everything in it, and stores on SQLite and, where there is one, PostgreSQL."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url, text

from thoracle.core.results import (
    BundleReference,
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
)
from thoracle.store.results import ResultStore, open_store
from thoracle.store.tables import METADATA

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def full_result() -> FileResult:
    generator = np.random.default_rng(1)
    return FileResult(
        file="film.png",
        sha256="a" * 64,
        status=Status.ANALYZED,
        gate=GateDecision(
            accepted=True,
            kind=GateKind.FRONTAL_CHEST,
            probability=0.998,
            rotation_degrees=0,
            reasons=(Reason(code="dark", text="The film is dark."),),
        ),
        findings=(
            Finding(
                label="No finding", logit=-1.0, probability=0.1, threshold=0.4, is_positive=False
            ),
            Finding(label="COVID-19", logit=2.0, probability=0.9, threshold=0.3, is_positive=True),
        ),
        maps=tuple(
            ContributionMap(
                label=label,
                layer="features",
                method="Grad-CAM",
                values=generator.random((4, 5), dtype=np.float32),
                scale_max=2.5,
                box=(-3, 1, 90, 70),
                lung_share=share,
            )
            for label, share in (("No finding", None), ("COVID-19", 0.62))
        ),
        warnings=(Reason(code="age", text="The patient is 12 years old."),),
        provenance=Provenance(
            sha256="a" * 64,
            software_version="0.1.0",
            bundles=(BundleReference(name="gate", version="1", digest="b" * 64),),
            runtime="ONNX Runtime 1.20",
            precision="fp32",
            gate_overridden=True,
        ),
    )


@pytest.fixture
def failed_result() -> FileResult:
    return FileResult(
        file="broken.png",
        sha256="c" * 64,
        status=Status.FAILED,
        error=Reason(code="image", text="found a torn file – expected a whole one. Send it again."),
    )


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """Give each process that runs tests a database: one empties it while another fills its own."""
    server = os.environ.get("THORACLE_TEST_POSTGRES_URL")
    if server is None:
        pytest.skip("THORACLE_TEST_POSTGRES_URL is unset: no PostgreSQL to test on")
    name = f"thoracle_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def emptied_postgresql(postgresql_url: str) -> str:
    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        names = ", ".join([*METADATA.tables, "alembic_version"])
        connection.execute(text(f"DROP TABLE IF EXISTS {names}"))
    engine.dispose()
    return postgresql_url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ResultStore]:
    url = None
    if request.param == "postgresql":
        url = str(request.getfixturevalue("emptied_postgresql"))
    with open_store(tmp_path, database_url=url) as opened:
        yield opened
