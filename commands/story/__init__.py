"""The story of the product, played by a program over HTTP: what `quxiang tour` shows and proves."""
