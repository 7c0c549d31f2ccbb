"""How Slack reaches an app in HTTP mode: signed POST requests, and requests that only look so."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import httpx

from tests.fakes.slack_workspace import Delivery, Payload

# Slack waits three seconds; an app on a busy machine may be slower, and is not wrong.
ANSWER_SECONDS = 30.0
STALE_SECONDS = 600


def signature_headers(body: str, secret: str, timestamp: float | None = None) -> dict[str, str]:
    """The v0 signature of a body at a time, as `X-Slack-…` headers."""
    stamp = str(int(time.time() if timestamp is None else timestamp))
    signed = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signed.hexdigest()}",
    }


@dataclass(frozen=True)
class SignedRequest:
    """A request to an app's address. Posting the same one again is a replay, byte for byte."""

    url: str
    body: str
    content_type: str
    secret: str
    headers: dict[str, str]

    def post(self, timeout: float = ANSWER_SECONDS) -> httpx.Response:
        headers = {"Content-Type": self.content_type, **self.headers}
        with httpx.Client(trust_env=False, timeout=timeout) as client:
            return client.post(self.url, content=self.body.encode(), headers=headers)

    def unsigned(self) -> "SignedRequest":
        return replace(self, headers={})

    def forged(self) -> "SignedRequest":
        """Signed now, with a secret that is not the app's."""
        return replace(self, headers=signature_headers(self.body, self.secret + "?"))

    def stale(self, seconds: float = STALE_SECONDS) -> "SignedRequest":
        """Signed properly, but so many seconds ago."""
        headers = signature_headers(self.body, self.secret, time.time() - seconds)
        return replace(self, headers=headers)

    def tampered(self, body: str) -> "SignedRequest":
        """Another body under the signature of this one."""
        return replace(self, body=body)


def signed_request(
    url: str, payload: Payload, secret: str, kind: str = "events_api"
) -> SignedRequest:
    """The request in which Slack sends a payload of an envelope's `kind` over HTTP."""
    content_type = "application/x-www-form-urlencoded"
    if kind == "events_api":
        body, content_type = json.dumps(payload), "application/json"
    elif kind == "slash_commands":
        body = urlencode(payload)
    else:
        body = urlencode({"payload": json.dumps(payload)})
    return SignedRequest(url, body, content_type, secret, signature_headers(body, secret))


def post_delivery(delivery: Delivery, url: str, secret: str) -> tuple[bool, Payload | None]:
    """Whether the app acknowledged the delivery in time, and what it answered."""
    request = signed_request(url, delivery.payload, secret, delivery.kind)
    if delivery.attempts > 1:
        request = replace(
            request,
            headers=request.headers
            | {
                "X-Slack-Retry-Num": str(delivery.attempts - 1),
                "X-Slack-Retry-Reason": "http_timeout",
            },
        )
    try:
        answer = request.post()
    except httpx.TransportError:
        return False, None
    return answer.is_success, _answered(answer)


def _answered(answer: httpx.Response) -> Payload | None:
    if not answer.text:
        return None
    if answer.headers.get("content-type", "").startswith("application/json"):
        return answer.json()
    return {"text": answer.text}
