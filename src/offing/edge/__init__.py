"""What deploying to Cloudflare needs: instance types, the price of a month, checks of a configuration."""
