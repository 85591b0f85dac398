"""Deploying by wrangler: the account's secrets and resources, a part of the services, what runs there.

Nothing here speaks to Cloudflare but wrangler, which the caller's own machine has.
"""
