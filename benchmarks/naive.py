"""The floor from below: a Flask view that renders the overview for each request, as sites without publishing do."""

from flask import Flask, Response

from statuspage.app import assemble
from statuspage.public import contents
from statuspage.public.documents import Here, render_page
from statuspage.settings import load

site = assemble(load())
app = Flask("naive")


@app.get("/")
def overview() -> Response:
    snapshot = site.snapshot()
    context = {**contents.common(snapshot), **contents.overview(snapshot)}
    return Response(render_page(site.pages, "pl", Here("overview"), context), mimetype="text/html")
