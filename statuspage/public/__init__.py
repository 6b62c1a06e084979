"""The public pages: published, or answered from the published snapshot alone."""

from statuspage.public.documents import library
from statuspage.public.samples import teller
from statuspage.public.views import error_page, register

__all__ = ["error_page", "library", "register", "teller"]
