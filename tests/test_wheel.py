"""The wheel: built, unpacked elsewhere, it runs from any folder with all that it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT

FIRST_PAGE = """
from pathlib import Path
import statuspage
from statuspage import db
from statuspage.app import create_app
from statuspage.commands.database import bring_up
from statuspage.settings import data_dir, load
assert Path(statuspage.__file__).is_relative_to(Path("../unpacked").resolve()), statuspage.__file__
assert data_dir().is_relative_to(Path("../unpacked").resolve()), data_dir()
app = create_app(load(secret_key="x" * 32))
with app.app_context():
    bring_up(app)
    app.extensions["statuspage"].publisher.publish()
    db.db.engine.dispose()
client = app.test_client()
assert client.get("/").status_code == 200
assert "Co działa, co nie" in client.get("/history.atom").text  # the Polish catalogue is in the wheel
print("works")
"""


@pytest.mark.process
def test_an_installed_wheel_runs_from_any_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("statuspage-*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    subprocess.run(
        [*install, "--target", str(tmp_path / "unpacked"), str(wheel)], check=True, capture_output=True, cwd=tmp_path
    )
    (tmp_path / "elsewhere").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATUSPAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGE],
        cwd=tmp_path / "elsewhere",
        env={**kept, "PYTHONPATH": str(tmp_path / "unpacked")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "works"), done.stderr
