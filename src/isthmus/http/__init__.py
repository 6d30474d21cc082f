"""HTTP without a cloud: requests, responses, routes and cross-origin rules."""
