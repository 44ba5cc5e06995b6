//! The page in headless Chromium, where one is installed: phone and desk, light and dark, by `tools/page_check.js`.

use std::{fs, process::Command};

const RULES: &str = include_str!("../../../tools/page_check.js");
/// Pixels.
const SIZES: [(u32, u32); 2] = [(390, 844), (1280, 900)];
/// As Chromium counts them: dark, light.
const SCHEMES: [u8; 2] = [0, 1];

/// All faults that are found; without a browser the test says so and is skipped.
pub(super) fn faults(html: &str) -> Vec<String> {
    let Some(program) = browser() else { return vec![] };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, html.replace("</body>", &format!("<script>{RULES}</script></body>"))).unwrap();
    let runs = SIZES.iter().flat_map(|size| SCHEMES.map(|scheme| (*size, scheme)));
    let faults = runs.map(|((width, height), scheme)| {
        let output = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = text.split("FAULTS ").last().unwrap_or_default().split("</body>").next().unwrap_or_default();
        if said.trim() == "0" { None } else { Some(format!("{width} pixels, scheme {scheme}: {said}")) }
    });
    faults.flatten().collect()
}

#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = names.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    if found.is_none() {
        eprintln!("skipped: no Chromium is installed");
    }
    found
}
