//! The recipes that are built into the program, so that it works away from the project's folder.

pub(super) struct Shipped {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

pub(super) const SHIPPED: [Shipped; 5] = [
    Shipped { name: "base", text: include_str!("../../recipes/base.toml") },
    Shipped { name: "demo", text: include_str!("../../recipes/demo.toml") },
    Shipped { name: "vlog", text: include_str!("../../recipes/vlog.toml") },
    Shipped { name: "cinematic", text: include_str!("../../recipes/cinematic.toml") },
    Shipped { name: "ambient", text: include_str!("../../recipes/ambient.toml") },
];

/// What `cuesmith styles --preview` runs; nobody needs to be told of it.
const PREVIEW: Shipped = Shipped { name: "style-preview", text: include_str!("../../recipes/style-preview.toml") };

/// `vlog` or `vlog.toml`.
pub(super) fn find(name: &str) -> Option<&'static Shipped> {
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    SHIPPED.iter().chain([&PREVIEW]).find(|shipped| shipped.name == stem)
}
