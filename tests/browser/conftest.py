"""Chromium, and the app served to it on a free port of this machine."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from statuspage import db
from statuspage.web.site import Site
from tests import scenes
from tests.__main__ import chromium

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE = {"width": 390, "height": 844}


class Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_request(self, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask, scene: Site) -> Iterator[str]:
    """Where the scene is served, with panel C's restoration part-way."""
    with db.transaction() as session:
        scenes.restoration(session)
    scene.publisher.publish()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone."""
    context = browser.new_context(viewport=PHONE, locale="pl-PL")
    yield context.new_page()
    context.close()
