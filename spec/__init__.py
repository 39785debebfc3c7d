"""Models of the delivery protocol, checked exhaustively by Spin: `make spec`."""
