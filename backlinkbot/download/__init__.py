"""Downloads responses politely and safely: domain slots, robots.txt, address checks, redirects, content types."""
