//! From a resolved recipe to a plan: order, cycles, types of edges, keys.
