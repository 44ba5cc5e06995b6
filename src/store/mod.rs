//! The store: blobs and records as the truth, sled as the live index.
