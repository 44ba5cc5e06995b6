//! What the office is asked.

use super::bed::Bed;
use crate::watch::Wish;

#[test]
fn wishes_reach_the_office_and_its_answer_comes_back() {
    let bed = Bed::new();
    let job = bed.done("a", 1);
    let ask = |wish: &str, body: &str| bed.post(&format!("/api/jobs/{}/{wish}", job.id), body);
    assert_eq!(ask("retry", "").json()["job"], job.id.to_string());
    assert_eq!(ask("release", "").status, 200);
    let refused = ask("cancel", "");
    assert_eq!((refused.status, refused.json()["error"].as_str().unwrap()), (409, "it has ended already"));
    let made = ask("version", r#"{"set": ["knobs.density=8", "loudness=-14"]}"#);
    assert!(made.status == 201 && made.json()["job"].as_str().unwrap() != job.id.to_string());
    let set = vec!["knobs.density=8".to_owned(), "loudness=-14".to_owned()];
    let id = || job.id.clone();
    let wishes = [Wish::Retry(id()), Wish::Release(id()), Wish::Cancel(id()), Wish::Version { of: id(), set }];
    assert_eq!(*bed.wishes.lock().unwrap(), wishes);
}

#[test]
fn an_outlook_says_what_would_run_and_asks_the_office_nothing() {
    let bed = Bed::new();
    let path = format!("/api/jobs/{}/outlook", bed.done("a", 1).id);
    let outlook = bed.post(&path, r#"{"set": ["knobs.density=8"]}"#).json();
    let runs: Vec<_> =
        outlook["stages"].as_array().unwrap().iter().map(|stage| stage["runs"].as_bool().unwrap()).collect();
    assert_eq!(runs, [false, true, true]);
    assert_eq!(outlook["knobs"]["density"], 8);
    let refused = bed.post(&path, r#"{"set": ["knobs.density=999"]}"#);
    assert!(refused.status == 409 && refused.text().contains("over the limit of 32"));
    assert!(bed.wishes.lock().unwrap().is_empty());
}

#[test]
fn what_is_no_wish_is_refused_before_the_office_hears_of_it() {
    let bed = Bed::new();
    let id = bed.done("a", 1).id;
    let version = format!("/api/jobs/{id}/version");
    let many = format!("{{\"set\": [{}\"loudness=-9\"]}}", "\"loudness=-9\",".repeat(64));
    let bad =
        ["", "{}", "[]", "{\"set\": 1}", "{\"set\": [], \"more\": 1}", &many, "{\"set\": [\"stages.source.file=/x\"]}"];
    for body in bad {
        assert_eq!(bed.post(&version, body).status, 400, "{body}");
    }
    assert_eq!(bed.post("/api/jobs/ffffffffffffffff/retry", "").status, 404);
    assert_eq!(bed.post("/api/jobs/x/retry", "").status, 400);
    assert_eq!(bed.post(&format!("/api/jobs/{id}/burn"), "").status, 404);
    assert_eq!(bed.get(&format!("/api/jobs/{id}/retry")).status, 405);
    assert!(bed.wishes.lock().unwrap().is_empty());
}
