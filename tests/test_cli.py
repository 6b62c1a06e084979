"""The command's table names commands that exist, and its help answers without loading them."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from statuspage.cli import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_an_unknown_command_is_refused_by_its_name() -> None:
    result = CliRunner().invoke(main, ["fly"])
    assert result.exit_code == 2
    assert "fly" in result.output


def test_help_loads_neither_the_app_nor_the_database() -> None:
    script = "import sys; from statuspage.cli import main; main(['--help'], standalone_mode=False); "
    script += "sys.exit('sqlalchemy' in sys.modules or 'flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0
