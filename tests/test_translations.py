"""Every word of ours exists in Polish; English is the source."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from statuspage import i18n

ROOT = Path(__file__).parent.parent
METHODS = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("statuspage/**.py", "python")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "noop": None,
    "Operation": (3,),
    "translate": (2,),
    "translate_plural": (2, 3),
}


def messages() -> set[str]:
    found = Catalog()
    for top in ("templates", "statuspage"):
        methods = [(pattern.removeprefix(f"{top}/"), how) for pattern, how in METHODS if pattern.startswith(top)]
        rows = extract_from_dir(str(ROOT / top), methods, {"**.html": {"trimmed": "true"}}, keywords=KEYWORDS)
        for _file, _line, message, _comments, _context in rows:
            found.add(message)
    return {one.id[0] if isinstance(one.id, tuple) else one.id for one in found if one.id}


def polish() -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for path in sorted((i18n.CATALOGUES / "pl").glob("*.po")):
        with path.open("rb") as file:
            for one in read_po(file, locale="pl"):
                key = one.id[0] if isinstance(one.id, tuple) else one.id
                if key:
                    known[key] = one.string if isinstance(one.string, tuple) else (one.string,)
    return known


def test_every_message_has_polish_words() -> None:
    known = polish()
    missing = sorted(message for message in messages() if not all(known.get(message, ("",))))
    assert missing == []


def test_every_plural_has_three_polish_forms() -> None:
    assert [key for key, forms in polish().items() if len(forms) not in (1, 3)] == []
