"""No secret that passes through reaches a log, at its most talkative, in either form, with crashes on the way."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.process
@pytest.mark.parametrize("form", ["json", "text"])
def test_no_canary_is_found_in_the_log(tmp_path: Path, form: str) -> None:
    environment = {**os.environ, "STATUSPAGE_INSTANCE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment |= {"STATUSPAGE_LOG_LEVEL": "DEBUG", "STATUSPAGE_LOG_FORMAT": form, "STATUSPAGE_SECRET_KEY": "c" * 40}
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.canaries"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    canaries = json.loads(done.stdout)
    assert len(canaries) >= 25
    assert done.stderr.count("crashed on purpose") >= 3, "the log was written at all"
    for one in [*canaries, "c" * 40]:
        for words in {one, quote(one, safe=""), base64.b64encode(one.encode()).decode()}:
            assert words not in done.stderr, words
