"""Modals and the Home tab: the calls that open, lay over, change and publish them."""

from __future__ import annotations

from typing import Any

from bot.slack.calling import Calling


class Views(Calling):
    """The part of the gateway that shows views."""

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> str:
        """Open a modal for the person whose click the trigger belongs to; returns its id."""
        opened = self._call("views.open", {"trigger_id": trigger_id, "view": view})
        return str(opened["view"]["id"])

    def push_view(self, trigger_id: str, view: dict[str, Any]) -> str:
        """Lay a modal over the one in which something was clicked; returns its id."""
        pushed = self._call("views.push", {"trigger_id": trigger_id, "view": view})
        return str(pushed["view"]["id"])

    def update_view(self, view_id: str, view: dict[str, Any], seen: str | None = None) -> None:
        """Put another view in the place of an open modal; SlackRefused where it was closed.

        `seen` is the hash of the view that was clicked in: where another has taken its place since,
        nothing is changed and SlackRefused says hash_conflict.
        """
        known = {"hash": seen} if seen else {}
        self._call("views.update", {"view_id": view_id, "view": view, **known})

    def publish_home(self, user: str, view: dict[str, Any]) -> None:
        """Show a person's Home tab."""
        self._call("views.publish", {"user_id": user, "view": view})
