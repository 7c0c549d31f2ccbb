"""Files in Slack: asked for an address, sent there, and completed as an upload."""

from __future__ import annotations

import urllib.error
import urllib.request

from bot.errors import SlackError
from bot.slack.calling import TIMEOUT_SECONDS, Calling, tls


class Uploads(Calling):
    """The part of the gateway that uploads files."""

    def upload_image(self, png: bytes, name: str, alt: str) -> str:
        """Upload a picture that messages can show; returns the file's id."""
        file_id = self._send_bytes(png, name, alt)
        self._complete_upload(file_id, name)
        return file_id

    def share_image(
        self, channel: str, thread_ts: str | None, png: bytes, name: str, alt: str
    ) -> None:
        """Upload a picture and post it as a message of its own."""
        file_id = self._send_bytes(png, name, alt)
        self._complete_upload(
            file_id,
            name,
            channel_id=channel,
            **({"thread_ts": thread_ts} if thread_ts else {}),
        )

    def share_text(
        self, channel: str, thread_ts: str | None, text: str, name: str, title: str
    ) -> None:
        """Upload a text file and post it as a message of its own."""
        file_id = self._send_bytes(text.encode(), name, None, "text/plain; charset=utf-8")
        where = {"thread_ts": thread_ts} if thread_ts else {}
        self._complete_upload(file_id, title, channel_id=channel, **where)

    def _send_bytes(
        self, content: bytes, name: str, alt: str | None, kind: str = "image/png"
    ) -> str:
        described = {"alt_txt": alt} if alt else {}
        place = self._call(
            "files.getUploadURLExternal", {"filename": name, "length": len(content), **described}
        )
        address = str(place["upload_url"])
        if not address.startswith(("https://", "http://")):
            raise SlackError("Slack named no address to upload a file to")
        request = urllib.request.Request(
            address, data=content, headers={"Content-Type": kind}, method="POST"
        )
        try:
            with (
                self._giving_way(),
                urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=tls()),
            ):
                return str(place["file_id"])
        except (urllib.error.URLError, OSError) as error:
            raise SlackError("Slack did not take an uploaded file") from error

    def _complete_upload(self, file_id: str, title: str, **where: str) -> None:
        files = [{"id": file_id, "title": title}]
        self._call("files.completeUploadExternal", {"files": files, **where})
