"""How to fetch politely and safely: domain slots, robots.txt, addresses, redirects, content types."""
