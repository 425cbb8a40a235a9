"""Content for one member or group: drafts and opt-outs, which the server seals and cannot open, and saved views."""
