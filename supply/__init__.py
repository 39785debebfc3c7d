"""What the product is made of: the parts of others, their licences, and how each is recognised."""
