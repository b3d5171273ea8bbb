"""The plainest web page around the same function: a Gradio interface, as one would write it first.

Run by `benchmarks/web.py` in an environment of its own: `gradio_app.py PORT`.
"""

import io
import sys
from typing import Any

import gradio as gr  # type: ignore[import-not-found]  # in an environment of its own
from PIL import Image

from thoracle.jobs.analyze import Analyzer
from thoracle.jobs.analyze_files import overlay_pngs


def main() -> None:
    """Serve one function: a film in, probabilities and overlays out."""
    with Analyzer() as analyzer:
        analyzer.warm_up()

        def judge(film: bytes) -> tuple[dict[str, float], list[Any]]:
            done = analyzer.analyze_bytes(film, file="film", override_gate=True)
            if done.radiograph is None or done.analysis is None:
                raise gr.Error("The film cannot be read.")
            maps = [one for one in done.result.maps if one.method == "gradcam"]
            pictures = overlay_pngs(done.radiograph.pixels, maps, done.analysis.lung_mask)
            return (
                {one.label: one.probability for one in done.result.findings},
                [Image.open(io.BytesIO(one)) for one in pictures],
            )

        page = gr.Interface(
            judge, gr.File(type="binary"), [gr.Label(), gr.Gallery()], api_name="judge"
        )
        page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)


if __name__ == "__main__":
    main()
