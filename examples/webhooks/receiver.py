"""Prints what a webhook tells, if it comes from us and is not known yet. Needs nothing but Python 3.

WEBHOOK_SECRET=whsec_… python receiver.py 9000
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRETS = [base64.b64decode(secret.removeprefix("whsec_")) for secret in os.environ["WEBHOOK_SECRET"].split()]
TOO_OLD = 300  # seconds: what was overheard cannot be sent again later
known = set()


def is_ours(headers, body: bytes) -> bool:
    """Tell whether one of the secrets signed this, and lately."""
    identity, sent, signed = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not sent.isdigit() or abs(time.time() - int(sent)) > TOO_OLD:
        return False
    content = f"{identity}.{sent}.".encode() + body
    good = [base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode() for secret in SECRETS]
    given = [word.removeprefix("v1,") for word in signed.split()]
    return any(hmac.compare_digest(one, other) for one in good for other in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what it believes, and 401 to all else."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if is_ours(self.headers, body):
            self.send_response(204)
            self.tell(self.headers["webhook-id"], json.loads(body))
        else:
            self.send_response(401)
        self.end_headers()

    def tell(self, identity, told):
        if identity not in known:  # one whose answer was lost is sent again
            known.add(identity)
            print(told["type"], told["id"], *(file["filename"] for file in told["output"]), flush=True)

    def log_message(self, format, *args):  # noqa: A002
        """Say nothing of requests."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Receiver).serve_forever()
