#!/usr/bin/env python3
"""Opens pages of cuesmith in headless Chromium: phone and desk, light and dark; says what is wrong with them.

    tools/page_check.py out/*/report.html [--shots FOLDER] [--axe node_modules/axe-core/axe.min.js]

Runs the project's own rules (page_check.js) and, if it is given, axe-core. Nothing is fetched. Exit code 1 if a page
has faults, 0 if none has or Chromium is not installed (which is said).
"""

import argparse
import html
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
MODES = {"light": 1, "dark": 0}
AXE = """
axe.run().then(function (found) {
  var faults = found.violations.map(function (v) { return v.id + " (" + v.impact + "): " + v.nodes[0].html.slice(0, 140); });
  document.body.textContent = "FAULTS " + faults.length + " " + faults.join(" | ");
});
"""


def browser():
    names = ["chromium", "chromium-browser", "google-chrome", "chrome"]
    return next((path for path in map(shutil.which, names) if path), None)


def run(program, page, size, mode, *more):
    width, height = size
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files",
        f"--window-size={width},{height}", f"--blink-settings=preferredColorScheme={mode}",
        "--virtual-time-budget=8000", *more, page.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False).stdout


def faults(program, page, script, size, mode):
    """The page with the check inside, so that no driver is needed."""
    text = page.read_text().replace("</body>", f"<script>{script}</script></body>")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "page.html"
        copy.write_text(text)
        found = re.search(r"FAULTS (\d+) ?(.*?)</body>", run(program, copy, size, mode, "--dump-dom"), re.S)
    if not found:
        return ["the browser said nothing"]
    return [html.unescape(fault) for fault in found[2].strip().split(" | ")] if int(found[1]) else []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path, help="keep pictures of the pages in this folder")
    parser.add_argument("--axe", type=pathlib.Path, help="axe.min.js")
    options = parser.parse_args()
    program = browser()
    if not program:
        print("skipped: no Chromium is installed")
        return 0
    checks = {"own rules": (HERE / "page_check.js").read_text()}
    if options.axe:
        checks["axe-core"] = options.axe.read_text() + AXE
    count = 0
    for page in (page.resolve() for page in options.pages):
        for size_name, size in SIZES.items():
            for mode_name, mode in MODES.items():
                for check, script in checks.items():
                    found = faults(program, page, script, size, mode)
                    count += len(found)
                    print(f"{page.parent.name} {size_name} {mode_name} {check}: {len(found)} faults")
                    for fault in found:
                        print(f"    {fault}")
                if options.shots:
                    options.shots.mkdir(parents=True, exist_ok=True)
                    shot = options.shots.resolve() / f"{page.parent.name}-{size_name}-{mode_name}.png"
                    run(program, page, (size[0], 2600), mode, f"--screenshot={shot}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
