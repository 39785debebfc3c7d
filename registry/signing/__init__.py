"""Online signing (网上签约): employers invite, graduates answer, schools attest."""
