"""The whole check, in one command: `make test` (or `--quick` for what takes seconds).

Without PostgreSQL, Chromium or nginx on the machine it runs the rest and says loudly what was skipped;
with `CI` set that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests import nginx, postgres

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
LINTERS = [
    ["ruff", "format", "--check", "."],
    ["ruff", "check", "."],
    ["lint-imports", "--no-cache"],
    ["mypy"],
    ["djlint", "templates", "--lint", "--quiet"],
    ["deptry", "."],
]
QUICK = ("test_rules.py", "test_actions.py", "test_sentences.py", "test_architecture.py")
PYTEST = [str(BIN / "python"), "-m", "pytest", "-n", "2", "--dist", "loadfile"]


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def step(name: str, command: list[str], **environment: str) -> bool:
    """Run one step; its output is shown, its time said."""
    started = time.monotonic()
    print(f"\n── {name}", flush=True)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    print(f"   {'ok' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.1f} s", flush=True)
    return done.returncode == 0


def lint() -> list[str]:
    return [tool[0] for tool in LINTERS if not step(" ".join(tool), [str(BIN / tool[0]), *tool[1:]])]


def quick() -> list[str]:
    files = [str(path) for name in QUICK for path in sorted(ROOT.glob(f"tests/**/{name}"))]
    return [] if step("rules and actions", [*PYTEST, *files]) else ["rules and actions"]


def full() -> tuple[list[str], list[str]]:
    """All tests on both engines, then in a browser. Returns what failed and what could not run."""
    failed, missing = [], []
    cover = ["--cov", "--cov-report="]
    without = "" if nginx.binary() else " and not nginx"
    if without:
        missing.append("nginx (what we ship for it)")
    elif not nginx.brotli():
        missing.append("nginx's module brotli_static (ready-made files in one more encoding)")
    if not step("tests on SQLite", [*PYTEST, *cover, "-m", f"not browser{without}"]):
        failed.append("tests on SQLite")
    with ExitStack() as stack:
        if postgres.VARIABLE in os.environ or postgres.binaries():
            url = os.environ.get(postgres.VARIABLE) or stack.enter_context(postgres.server())
            again = [*PYTEST, "--database", "postgresql", "-m", f"not browser{without}"]
            if not step("tests on PostgreSQL", again, **{postgres.VARIABLE: url}):
                failed.append("tests on PostgreSQL")
        else:
            missing.append("PostgreSQL (the whole suite on the second engine)")
    # Apart from the others: Playwright leaves an event loop running in the process that drove it.
    if not chromium():
        missing.append("Chromium (browser tests)")
    elif not step("tests in Chromium", [*PYTEST, "-m", f"browser{without}"]):
        failed.append("tests in Chromium")
    step("branches covered", [str(BIN / "coverage"), "report", "--skip-covered", "--skip-empty", "--sort=cover"])
    return failed, missing


def main() -> int:
    started = time.monotonic()
    if "--quick" in sys.argv:
        failed, missing = quick(), []
    else:
        failed = lint()
        tests, missing = full()
        failed += tests
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'All green'} in {time.monotonic() - started:.0f} s")
    for one in missing:
        print(f"SKIPPED, as it is not on this machine: {one}")
    print(f"{len(missing)} parts skipped" if missing else "nothing skipped")
    return 1 if failed or (missing and os.environ.get("CI")) else 0


if __name__ == "__main__":
    sys.exit(main())
