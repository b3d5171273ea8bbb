"""Copy what pages load in a browser from npm into the package, with licences and digests.

`frontend/package-lock.json` pins every package with its integrity; what is copied stands in FILES.
Run it with `make vendor` after changing `frontend/package.json`; what it writes is committed.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from thoracle.core.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
VENDORED = ROOT / "src" / "thoracle" / "web" / "static" / "vendor"
MANIFEST = "vendor.json"
# Package: the files copied, by the name that pages load them under.
FILES = {
    "@niivue/niivue": {"niivue.js": "dist/niivue.umd.js"},
    "bootstrap": {
        "bootstrap.css": "dist/css/bootstrap.min.css",
        "bootstrap.js": "dist/js/bootstrap.bundle.min.js",
    },
    "htmx.org": {"htmx.js": "dist/htmx.min.js"},
    "plotly.js-gl3d-dist-min": {"plotly.js": "plotly-gl3d.min.js"},
}


def copied(modules: Path, folder: Path) -> Iterator[dict[str, str]]:
    """Copy every file and licence into `folder`; yield what is said of each file."""
    for package, files in FILES.items():
        source = modules / package
        about = json.loads((source / "package.json").read_text("utf-8"))
        own = FRONTEND / "licences" / f"{package.split('/')[-1]}.txt"  # where the package has none
        licence = next(source.glob("LICENSE*"), own)
        licence_name = f"{package.split('/')[-1]}.LICENSE.txt"
        shutil.copyfile(licence, folder / licence_name)
        for name, path in files.items():
            content = _without_source_map((source / path).read_bytes())
            (folder / name).write_bytes(content)
            yield {
                "file": name,
                "package": package,
                "version": about["version"],
                "licence": about["license"],
                "licence_file": licence_name,
                "sha256": hashlib.sha256(content).hexdigest(),
            }


def _without_source_map(content: bytes) -> bytes:
    """Leave out the line that names a source map, which is not copied."""
    lines = content.splitlines(keepends=True)
    return b"".join(one for one in lines if b"# sourceMappingURL=" not in one[:60])


def main() -> int:
    """Install what the lock file names into a temporary folder and copy from there."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(FRONTEND / name, work / name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=work, check=True)  # noqa: S607
        fresh = work / "vendor"
        fresh.mkdir()
        said = list(copied(work / "node_modules", fresh))
        shutil.rmtree(VENDORED, ignore_errors=True)
        shutil.copytree(fresh, VENDORED)
        write_atomically(VENDORED / MANIFEST, (json.dumps(said, indent=1) + "\n").encode())
    sys.stdout.writelines(f"{one['package']} {one['version']}: {one['file']}\n" for one in said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
