"""The ledger of messages: tables, states, kinds, words, what answers mean, receipts, quota."""
