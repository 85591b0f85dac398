"""Whether secrets are kept out of the configuration, and those that it needs are named there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from offing.edge.check.finding import Finding
from offing.edge.check.variables import names_of
from offing.edge.configuration import Deployment
from offing.edge.jsonc import Node
from offing.kernel.settings import explain

NEEDED = {
    "OFFING_XET_SHARE_TOKEN": (("HF_TOKEN", "OFFING_XET_TOKEN"),),
    "OFFING_XET_BUCKET": (("OFFING_XET_BUCKET_KEY",), ("OFFING_XET_BUCKET_SECRET",)),
}
"""What a variable needs beside it: of each group, one secret."""
OFF = ("", "0", "false", "no", "off")

_NAMED_SECRET = re.compile(
    r"(^|_)(TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIALS?|PRIVATE_KEY|API_KEYS?|WEBHOOK_KEY|UPSTREAM_KEY)$"
)
_SECRET = re.compile(r"hf_[A-Za-z0-9]{16,}|sha256:[0-9a-f]{64}|-----BEGIN [A-Z ]*PRIVATE KEY-----")
"""A token of a hub, the hash of an API key, a private key."""


def check_secrets(
    deployment: Deployment, records: Sequence[tuple[type[msgspec.Struct], str]]
) -> Iterator[Finding]:
    """What is wrong with the secrets. What a variable holds is never told."""
    settings = [setting for record, prefix in records for setting in explain(record, prefix, {})]
    secret = names_of([each for each in settings if each.secret])
    public = names_of(settings) - secret
    for name, node in deployment.variables.items():
        if name in secret or (name not in public and _NAMED_SECRET.search(name.upper())) or _holds_one(node):
            remedy = f"Remove it here, and give it by `npx wrangler secret put {name}`."
            yield Finding(node, f"{name} is a secret, and stands here for everyone to read", remedy)
    yield from _unnamed(deployment)
    for each in deployment.secrets:
        if not isinstance(each.value, str) or not each.value:
            yield Finding(each, "this is no name of a secret", 'Write a name, such as "HF_TOKEN".')


def _holds_one(node: Node) -> bool:
    return any(isinstance(each.value, str) and _SECRET.search(each.value) for each in node.walk())


def _unnamed(deployment: Deployment) -> Iterator[Finding]:
    required = {each.value for each in deployment.secrets if isinstance(each.value, str)}
    for name, groups in NEEDED.items():
        given = deployment.variables.get(name)
        if given is None or str(given.value).strip().lower() in OFF:
            continue
        for group in groups:
            if required.isdisjoint(group):
                remedy = (
                    f"Name it in secrets.required, so that wrangler deploys nothing without it: {group[0]}."
                )
                yield Finding(given, f"{name} needs the secret {' or '.join(group)}", remedy)
