"""`GET /api/v1/probes/<id>/results.csv` and `.ndjson`: what a probe saw, look by look, as a stream."""

from flask import Flask, Response, stream_with_context

from statuspage.db import reading
from statuspage.downloads import Format
from statuspage.probing import queries
from statuspage.probing.exports import lines
from statuspage.tokens.rules import Scope
from statuspage.web import policy

PATH = "/api/v1/probes/{probe}/results"


def register(app: Flask) -> None:
    for form in Format:
        address = f"/api/v1/probes/<int:probe_id>/results.{form}"
        app.add_url_rule(address, f"api.results_{form}", results, defaults={"form": form})


@policy.needs("token", Scope.PROBES_READ)
def results(probe_id: int, form: Format) -> Response:
    with reading() as session:
        queries.probe(session, probe_id)
    return Response(stream_with_context(lines(probe_id, form)), mimetype=form.media_type)
