"""The house rules that no linter holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from statuspage.staff.permissions import Permission
from statuspage.web import policy

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "statuspage").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
LONGEST_VIEW = 15
AUDIENCES = ("public", "personal", "api", "staff")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = function.body
    has_doc = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    first = body[1] if has_doc and len(body) > 1 else body[0]
    return (function.end_lineno or 0) - first.lineno + 1


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_no_function_is_longer_than_40_lines() -> None:
    long = [f"{path}:{one.name}" for path in SOURCES for one in functions(path) if body_length(one) > LONGEST_FUNCTION]
    assert long == []


def test_no_view_is_longer_than_15_lines() -> None:
    long = [
        f"{path}:{one.name}"
        for path in SOURCES
        if path.relative_to(ROOT / "statuspage").parts[0] in AUDIENCES
        for one in functions(path)
        if any("policy." in ast.unparse(decorator) for decorator in one.decorator_list)
        if body_length(one) > LONGEST_VIEW
    ]
    assert long == []


def test_only_db_commits() -> None:
    guilty = [str(path) for path in SOURCES if ".commit(" in path.read_text() and path.name != "db.py"]
    assert guilty == []


def test_only_the_scheduler_knows_the_timer_and_only_feeds_know_feedgen() -> None:
    for path in SOURCES:
        source = path.read_text()
        assert "apscheduler" not in source or path.name == "scheduler.py", path
        assert "feedgen" not in source or "feeds" in path.parts, path


def test_every_module_says_in_its_first_sentence_what_it_owns() -> None:
    silent = [str(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_imports_stand_at_the_top() -> None:
    late = [
        f"{path}:{node.lineno}"
        for path in SOURCES
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert late == []


def test_every_view_declares_who_may_call_it(app: Flask) -> None:
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if policy.of(app, rule.endpoint) is None]
    assert undeclared == []


def test_every_view_of_the_desk_names_a_row_of_the_table_of_permissions(app: Flask) -> None:
    declared = {rule.rule: policy.of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    staff = {rule: one.need for rule, one in declared.items() if one is not None and one.kind == "staff"}
    assert {rule for rule, need in staff.items() if not isinstance(need, Permission)} == set()


def test_every_template_compiles() -> None:
    folder = ROOT / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    for path in sorted(folder.rglob("*.html")):
        environment.parse(path.read_text())


def test_no_page_template_is_longer_than_100_lines() -> None:
    long = [str(path) for path in (ROOT / "templates").rglob("*.html") if len(path.read_text().splitlines()) > 100]
    assert long == []
