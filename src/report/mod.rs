//! What people read: terminal, JSON lines, pages, pictures.
