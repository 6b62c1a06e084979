"""Whoever serves the app, a crash writes no password into the log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from statuspage.app import serve
from statuspage.web import policy

app = serve()

@policy.public
def crash():
    password = "hunter2-very-secret"
    raise RuntimeError(f"crashed after {len(password)} characters")

app.add_url_rule("/crash", "crash", crash)
print(app.test_client().get("/crash").status_code)
"""


@pytest.mark.process
def test_a_crash_under_a_foreign_server_logs_the_error_and_no_local_variable(tmp_path: Path) -> None:
    environment = {**os.environ, "STATUSPAGE_INSTANCE_DIR": str(tmp_path)}
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    said = done.stdout + done.stderr
    assert "500" in done.stdout
    assert "crashed after 19 characters" in said
    assert "hunter2-very" not in said
