"""Where the site is published and where its sources are: `html: baseurl` and `repository: url`, each set once.

What the theme and other extensions ask for besides is derived from the two. Without a repository no button leads to
one. A workflow that publishes sets COURSE_BASEURL, COURSE_REPOSITORY, COURSE_BRANCH and COURSE_PROVIDER instead, so
that a fork publishes as it is.
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config

GENERATED = "exercises/"
"""Made from solutions/, so nobody is asked to edit them."""

REPOSITORY = {
    "repository_url": "COURSE_REPOSITORY",
    "repository_branch": "COURSE_BRANCH",
    "repository_provider": "COURSE_PROVIDER",
}
COLAB = "https://colab.research.google.com/"
BUTTONS = ("use_repository_button", "use_source_button", "use_edit_page_button", "use_issues_button")


def base(config: Config) -> str:
    """The address of the site, with a slash at its end; empty if it has none."""
    address = str(config.html_baseurl).strip().rstrip("/")
    return f"{address}/" if address else ""


def derive(app: Sphinx, config: Config) -> None:
    """Tell the theme and the other extensions."""
    config.html_baseurl = os.environ.get("COURSE_BASEURL") or config.html_baseurl
    config.html_baseurl = config.ogp_site_url = base(config)
    config.ogp_site_name = config.html_title
    config.notfound_urls_prefix = urlsplit(base(config)).path or "/"
    options = config.html_theme_options
    for option, variable in REPOSITORY.items():
        options[option] = os.environ.get(variable) or options.get(option) or ""
    options["repository_url"] = options["repository_url"].strip().rstrip("/").removesuffix(".git")
    for button in BUTTONS:
        options[button] = bool(options["repository_url"])
    config.course_colab = colab(options["repository_url"], options["repository_branch"])


def colab(repository: str, branch: str) -> str:
    """Where Colab opens the files of a repository on GitHub, with a slash at its end; empty for any other."""
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", repository)
    return f"{COLAB}github/{found[1]}/blob/{branch or 'main'}/" if found else ""


def leave_generated(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Take the edit button off the pages that are made from other files."""
    if pagename.startswith(GENERATED):
        for group in context.get("header_buttons", []):
            group["buttons"] = [one for one in group.get("buttons", []) if one["label"] != "source-edit-button"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("course_colab", "", "env", str)
    app.connect("config-inited", derive, priority=400)
    app.connect("html-page-context", leave_generated, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
