"""核验授权: a graduate lets receivers verify her file or household, after proving it is she."""
