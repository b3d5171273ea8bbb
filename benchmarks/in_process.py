"""The pipeline behind the web app without the web: analyze and keep a film again and again.

Run by `benchmarks/web.py` in a process of its own: `in_process.py FILM COUNT HOME`. It prints how
many seconds the films took.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from thoracle.jobs.analyze import Analyzer
from thoracle.jobs.results import save_result
from thoracle.store.results import open_store

WARM_UP_FILMS = 5


def main() -> None:
    """Analyze and keep one film so many times, after some that do not count."""
    film, count, home = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    content = film.read_bytes()
    with Analyzer() as analyzer, open_store(home, database_url=None) as store:
        analyzer.warm_up()
        began_s = 0.0
        for number in range(WARM_UP_FILMS + count):
            if number == WARM_UP_FILMS:
                began_s = time.perf_counter()
            analyzed = analyzer.analyze_bytes(content, file="film", override_gate=True)
            save_result(store, analyzed, now=datetime.now(UTC))
        print(time.perf_counter() - began_s)


if __name__ == "__main__":
    main()
