//! Real-looking command lines with made-up secrets.
