"""What the tests of drafts share."""

from __future__ import annotations

import re
from typing import Any

PROBLEM = "Pupils throw phone batteries into the classroom bin."


def typed(of: str = "idea", *, key: str = "a-key", seen: int = 0, tab: str = "tab-1", **fields: Any) -> dict[str, Any]:
    """What a form sends to be kept."""
    texts = {"title": "Battery boxes in every school", "problem": PROBLEM} if of.startswith("idea") else {}
    return {"draft-of": of, "draft-key": key, "draft-seen": str(seen), "draft-tab": tab, **texts, **fields}


def saved(browser: Any, **facts: Any) -> Any:
    """The answer to a script that sends this."""
    return browser.post("/drafts", data=typed(**facts), headers={"HX-Request": "true"})


def token_in(address: str) -> str:
    """Of the draft that an address continues."""
    found = re.search(r"draft=([\w-]+)", address)
    assert found
    return found[1]


def kept(browser: Any, **facts: Any) -> str:
    """The token of a draft that was kept just now."""
    return token_in(saved(browser, **facts).json["address"])
