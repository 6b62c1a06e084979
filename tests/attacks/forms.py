"""Fills every field for words in a form of the desk, as somebody would who wants them to run somewhere."""

from lxml import html

from tests.staff.desks import Desk

# A formula for spreadsheets, braces of two kinds of templates, markup, the end of an attribute and of a script.
PAYLOAD = "={{71*19391}}{%if%}<canary-x onfocus=a>\"' onfocus=b</script>"
COMPUTED = str(71 * 19391)
WORDS = {"text", "search", None}


def fill(desk: Desk, path: str, **others: object) -> list[str]:
    """Send the form at `path` with the payload in every field for words but `others`; the names of those fields."""
    sent, filled = written(desk, path, **others)
    done = desk.send(path, sent)
    problem = html.fromstring(done.text).xpath("string(//div[@class='problem'])") if done.text else ""
    assert done.status_code in (200, 303), (path, done.status_code, " ".join(str(problem).split()))
    return filled


def written(desk: Desk, path: str, **others: object) -> tuple[dict[str, object], list[str]]:
    """What the browser would send so, and the names of the fields that hold the payload."""
    answer = desk.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    forms = [one for one in html.fromstring(answer.text).forms if "act" not in (one.get("class") or "").split()]
    sent: dict[str, object] = {}
    for name, value in forms[0].form_values():
        sent.setdefault(name, []).append(value)  # type: ignore[attr-defined]  # a list of our own
    filled = [one.name for one in forms[0].inputs if one.name and is_wordy(one) and one.name not in others]
    return {**sent, **dict.fromkeys(filled, PAYLOAD), **others}, filled


def is_wordy(field: html.HtmlElement) -> bool:
    """Whether anything may be written in it; a note of the composer's grid needs a status beside it."""
    if field.name.startswith("components-"):
        return False
    return field.tag == "textarea" or (field.tag == "input" and field.get("type") in WORDS)


def active(document: str) -> list[str]:
    """What of the payload became more than words in an HTML document."""
    page = html.fromstring(document)
    return [str(one.tag) for one in page.iter("canary-x")] + [f"onfocus={one}" for one in page.xpath("//@onfocus")]
