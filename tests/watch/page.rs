//! The page in a real browser: an empty store, a clip that is dropped, its result, a knob, another version, A and B.
//! Without chromedriver the test is skipped and says so. `CUESMITH_SHOTS=DIR` keeps pictures (PNG in base64).

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Mode, Watching};

/// Ended with the test, however it ends.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn driver() -> Option<(Driver, u16)> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let driver =
        Command::new("chromedriver").arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if driver.is_err() {
        eprintln!("skipped: chromedriver is not installed");
    }
    let driver = Driver(driver.ok()?);
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed().as_secs() < 30, "chromedriver does not answer");
        thread::sleep(Duration::from_millis(50));
    }
    Some((driver, port))
}

/// A browser that is driven over W3C's `WebDriver`. Blocking, with the HTTP client that the program has: an asynchronous
/// driver would have the whole program built twice, with other features of what they share.
struct Page {
    session: String,
    shots: Option<PathBuf>,
}

impl Page {
    fn open(port: u16, url: &str, profile: &str) -> Self {
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--autoplay-policy=no-user-gesture-required",
            "--window-size=1280,1000",
            profile,
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": { "args": arguments } } } });
        let driver = format!("http://127.0.0.1:{port}/session");
        let made = value(ureq::post(&driver).send(wanted.to_string()).unwrap());
        let session = format!("{driver}/{}", made["sessionId"].as_str().unwrap());
        let page = Self { session, shots: std::env::var_os("CUESMITH_SHOTS").map(PathBuf::from) };
        page.post("url", &json!({ "url": url }));
        page
    }

    #[track_caller]
    fn post(&self, command: &str, body: &Value) -> Value {
        value(ureq::post(format!("{}/{command}", self.session)).send(body.to_string()).unwrap())
    }

    /// The value of a JavaScript expression.
    #[track_caller]
    fn ask(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": format!("return {script};"), "args": [] }))
    }

    #[track_caller]
    fn run(&self, script: &str) {
        self.post("execute/sync", &json!({ "script": script, "args": [] }));
    }

    /// Waits until a JavaScript expression is true.
    #[track_caller]
    fn wait(&self, what: &str, script: &str) {
        let start = Instant::now();
        while self.ask(&format!("!!({script})")) != Value::Bool(true) {
            if start.elapsed().as_secs() > 120 {
                let text = self.ask("document.body.innerText");
                panic!("waiting for {what}: {}", text.as_str().unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let found = self.post("element", &json!({ "using": "css selector", "value": selector }));
        format!("element/{}", found.as_object().unwrap().values().next().unwrap().as_str().unwrap())
    }

    #[track_caller]
    fn click(&self, selector: &str) {
        self.post(&format!("{}/click", self.element(selector)), &json!({}));
    }

    #[track_caller]
    fn keys(&self, selector: &str, text: &str) {
        self.post(&format!("{}/value", self.element(selector)), &json!({ "text": text }));
    }

    fn shot(&self, name: &str) {
        let Some(folder) = &self.shots else { return };
        fs::create_dir_all(folder).unwrap();
        let picture = value(ureq::get(format!("{}/screenshot", self.session)).call().unwrap());
        fs::write(folder.join(format!("{name}.b64")), picture.as_str().unwrap()).unwrap();
    }
}

fn value(mut answer: ureq::http::Response<ureq::Body>) -> Value {
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["value"].take()
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
    }
}

/// Where the page is, from the log.
fn url(watching: &Watching) -> String {
    watching.wait("the page's address", || watching.log().contains("the page is at http"));
    let log = watching.log();
    let (_, rest) = log.split_once("the page is at ").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_clip_is_dropped_scored_heard_and_made_otherwise() {
    let Some((_driver, port)) = driver() else { return };
    let profile = tempfile::tempdir().unwrap();
    let profile = format!("--user-data-dir={}", profile.path().display());
    let watching = Watching::new(Mode::Events).recipe("demo").with(&["--serve", "127.0.0.1:0"]).start();
    let url = url(&watching);
    story(&Page::open(port, &url, &profile), &watching);
    assert_eq!(watching.agrees(), 2);
}

fn story(page: &Page, watching: &Watching) {
    // Nothing is there, and the page says what to do.
    page.wait("the empty page", "document.querySelector('#empty') && !document.querySelector('#empty').hidden");
    let empty = page.ask("document.querySelector('#empty').innerText");
    assert!(empty.as_str().unwrap().contains("Copy a video into a watched folder"), "{empty}");
    page.shot("empty");

    // A clip is dropped: it runs, stage by stage, and is done.
    let clip = fs::read(watching.long_clip("elsewhere/clip.mp4")).unwrap();
    page.keys("#upload", watching.path("elsewhere/clip.mp4").to_str().unwrap());
    page.wait("progress", "!!document.querySelector('#running [data-job] .bars li[data-standing=made]')");
    page.shot("running");
    page.wait("the result", "!!document.querySelector('#history li[data-state=done]')");
    assert_eq!(fs::read(watching.path("in/clip.mp4")).unwrap(), clip, "it was uploaded whole");
    page.shot("done");

    // The result is played.
    page.click("#history li[data-state=done] a");
    page.wait(
        "the player",
        "!!document.querySelector('#player video') && document.querySelector('#player video').readyState > 0",
    );
    page.run("document.querySelector('#player video').play()");
    page.wait("sound to go on", "document.querySelector('#player video').currentTime > 0.2");
    page.run("document.querySelector('#player video').pause()");

    // A knob is turned: the page says what would run, before it runs.
    let turn = "const knob = document.querySelector('#knob-loudness'); knob.value = -20; knob.dispatchEvent(new Event('input', { bubbles: true }))";
    page.wait("the knobs", "!!document.querySelector('#knob-loudness')");
    page.run(turn);
    page.wait("the outlook", "document.querySelector('#outlook').dataset.standing === 'ready'");
    let foreseen = stages(page, "#outlook-stages [data-runs=true]");
    assert!(foreseen.contains(&"bed".to_owned()) && foreseen.contains(&"video".to_owned()), "{foreseen:?}");
    assert!(
        !foreseen.contains(&"chords".to_owned()) && !foreseen.contains(&"accompaniment".to_owned()),
        "{foreseen:?}"
    );
    page.run("document.querySelector('#knobs').scrollIntoView()");
    page.shot("knobs");
    page.click("#make");
    page.wait("the second version", "!!document.querySelector('h1[data-state=done]') && document.querySelector('h1').innerText.includes('version 2')");

    // Only what was foreseen ran.
    let job = watching.jobs().into_iter().find(|job| job["version"] == 2).unwrap();
    assert_eq!(job["result"]["made"].as_u64(), Some(foreseen.len() as u64), "{job}");
    assert_eq!(job["set"], json!(["knobs.loudness=-20"]));

    // Both are compared; the switch keeps the place in time.
    page.wait("the link", "!!document.querySelector('[data-compare]')");
    page.click("[data-compare]");
    page.wait("both films", "document.querySelectorAll('#surface video').length === 2 && [...document.querySelectorAll('#surface video')].every((film) => film.readyState > 0)");
    page.wait("the difference", "!!document.querySelector('#differs tr[data-knob=loudness]')");
    page.run("document.querySelectorAll('#surface video')[0].currentTime = 1.2");
    page.keys("body", "x");
    page.wait("side B", "document.querySelector('#surface').dataset.side === 'B'");
    page.wait("the same place", "Math.abs(document.querySelectorAll('#surface video')[1].currentTime - 1.2) < 0.15");
    page.shot("compare");
}

fn stages(page: &Page, selector: &str) -> Vec<String> {
    let script = format!("[...document.querySelectorAll('{selector}')].map((stage) => stage.dataset.stage)");
    serde_json::from_value(page.ask(&script)).unwrap()
}
