"""WeChat's doors: what it pushes to us, and the round trip that tells who a visitor is."""
