"""Reports of graduates that somebody breaks the rules (举报): filed, handled, answered."""
