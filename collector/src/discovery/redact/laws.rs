//! Laws of the redaction.
