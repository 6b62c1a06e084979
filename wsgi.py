"""For any WSGI server: `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`. Starts nothing else."""

from statuspage.app import serve

app = serve()
