"""What a Markdown text will look like: a page of its own, or the fragment that preview.js asks for."""

from flask import Flask, Response, request

from statuspage.staff import desk
from statuspage.staff.fields import ProseField
from statuspage.staff.forms import StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy


def register(app: Flask) -> None:
    app.add_url_rule("/staff/preview", "staff.preview", preview, methods=["POST"])


@policy.needs("staff", Permission.PREVIEW)
def preview() -> Response:
    """Renders the inputs of the field named in `show`, by the same rules as saving does."""
    form = previewed(request.form.get("show", "")).received()
    right = form.accepted()
    template = "staff/preview_fragment.html" if "fragment" in request.form else "staff/preview.html"
    return desk.page(template, form.status, form=form, text=form["text"].result() if right else None)


def previewed(name: str) -> type[StaffForm]:
    """A form that reads the inputs of one field of another form."""

    class Previewed(StaffForm):
        text = ProseField(needed=False, name=name or "text")

    return Previewed
