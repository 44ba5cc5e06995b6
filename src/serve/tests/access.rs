//! Who is let in.

use std::net::SocketAddr;

use super::{
    bed::{Bed, options},
    client::send,
};
use crate::serve::{ServeOptions, error::ServeError, serve};

fn open_to_all(token: Option<&str>) -> Bed {
    let address = SocketAddr::from(([0, 0, 0, 0], 0));
    Bed::with(&ServeOptions { address, token: token.map(str::to_owned), ..options() })
}

#[test]
fn on_loopback_the_page_opens_without_a_token_and_says_what_it_may_do() {
    let bed = Bed::new();
    assert_eq!(bed.served.url(), format!("http://{}/", bed.host()));
    let page = bed.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
        assert_eq!(page.header(name), value);
    }
    let status = bed.get("/api/status");
    assert_eq!((status.status, status.header("cache-control")), (200, "no-store"));
    assert_eq!((bed.get("/page/app.js").status, bed.get("/page/app.css").status), (200, 200));
    assert_eq!((bed.get("/page/none.js").status, bed.get("/none").status), (404, 404));
    assert_eq!(bed.get("/none").json()["error"], "there is nothing at this address");
}

#[test]
fn a_host_that_is_not_ours_is_misdirected() {
    let bed = Bed::new();
    let port = bed.address().port();
    let ask = |head: &str| {
        send(bed.address(), format!("GET /api/status HTTP/1.1\r\n{head}connection: close\r\n\r\n").as_bytes())
    };
    assert_eq!(ask(&format!("host: localhost:{port}\r\n")).status, 200);
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.9", "localhost.evil.example"] {
        let answer = ask(&format!("host: {host}:{port}\r\n"));
        assert_eq!(answer.status, 421, "{host}: {}", answer.text());
    }
    assert_eq!(ask("host: localhost:1\r\n").status, 421);
    assert_eq!(ask(&format!("host: localhost:{port}\r\nhost: evil.example\r\n")).status, 421);
    assert_eq!(ask("").status, 421);
    let absolute =
        format!("GET http://evil.example/api/status HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
    assert_eq!(send(bed.address(), absolute.as_bytes()).status, 421);
}

#[test]
fn other_sites_change_nothing() {
    let bed = Bed::new();
    let job = bed.done("a", 1);
    let path = format!("/api/jobs/{}/retry", job.id);
    let own = format!("origin: http://{}\r\n", bed.host());
    assert_eq!(bed.ask("POST", &path, &own, b"").status, 200);
    assert_eq!(bed.ask("POST", &path, "x-cuesmith: 1\r\n", b"").status, 200);
    let foreign =
        ["", "origin: http://evil.example\r\n", "origin: null\r\n", "x-cuesmith: 1\r\norigin: http://localhost:1\r\n"];
    for head in foreign.into_iter().chain(["x-cuesmith: 1\r\nsec-fetch-site: cross-site\r\n"]) {
        assert_eq!(bed.ask("POST", &path, head, b"").status, 403, "{head}");
        assert_eq!(bed.ask("PUT", "/api/upload/a.mp4", head, b"x").status, 403, "{head}");
    }
    assert_eq!(bed.wishes.lock().unwrap().len(), 2);
}

#[test]
fn off_loopback_nothing_but_health_comes_without_the_token() {
    let bed = open_to_all(None);
    let token = bed.served.url().split("?token=").nth(1).unwrap().to_owned();
    assert!(token.len() == 32 && bed.served.url().starts_with("http://127.0.0.1:"), "{}", bed.served.url());
    let paths =
        ["/", "/api/status", "/api/jobs", "/metrics", "/page/app.js", "/api/events", "/none", "/jobs/1/files/a"];
    for path in paths {
        assert_eq!(bed.get(path).status, 401, "{path}");
        assert_eq!(bed.ask("GET", path, "authorization: Bearer 0123456789abcdef\r\n", b"").status, 401);
        assert_eq!(bed.get(&format!("{path}?token=0123456789abcdef")).status, 401);
    }
    assert_eq!(bed.get("/health").status, 200);
    let bearer = format!("authorization: Bearer {token}\r\n");
    assert_eq!(bed.ask("GET", "/api/status", &bearer, b"").status, 200);
    let knock = bed.ask("GET", "/", "accept: text/html\r\n", b"");
    assert!(knock.status == 401 && knock.text().contains("token") && !knock.text().contains(&token));
}

#[test]
fn the_token_in_the_address_becomes_a_cookie() {
    let bed = open_to_all(Some("a-token-of-my-own"));
    let answer = bed.get("/?token=a-token-of-my-own");
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let set = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = format!("cookie: {}\r\n", set.split(';').next().unwrap());
    assert_eq!(bed.ask("GET", "/api/status", &cookie, b"").status, 200);
    assert_eq!(bed.ask("GET", "/", &cookie, b"").status, 200);
    let again = bed.ask("GET", "/?token=old", &cookie, b"");
    assert_eq!((again.status, again.header("location"), again.header("set-cookie")), (303, "/", ""));
    let wrong = cookie.replace("my-own", "my-owm");
    assert_eq!(bed.ask("GET", "/api/status", &wrong, b"").status, 401);
    assert_eq!(bed.ask("POST", "/api/jobs/0/retry?token=a-token-of-my-own", "x-cuesmith: 1\r\n", b"").status, 401);
}

#[test]
fn behind_all_interfaces_addresses_are_ours_and_names_only_if_allowed() {
    let address = SocketAddr::from(([0, 0, 0, 0], 0));
    let bed = Bed::with(&ServeOptions { address, allowed_hosts: vec!["studio.lan".to_owned()], ..options() });
    let ask = |host: &str| {
        let request = format!("GET /health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        send(bed.address(), request.as_bytes()).status
    };
    assert_eq!((ask("10.0.0.9:1"), ask("[::1]"), ask("studio.lan:99"), ask("evil.example")), (200, 200, 200, 421));
}

#[test]
fn a_taken_port_and_a_bad_token_are_errors_at_once() {
    let bed = Bed::new();
    let counter = |bed: &Bed| crate::watch::Counter {
        board: bed.board.clone(),
        orders: crossbeam_channel::unbounded().0,
        outlook: std::sync::Arc::new(|_, _| Err(String::new())),
        logs: bed.path("logs"),
        inbox: None,
    };
    let taken = ServeOptions { address: bed.served.address(), ..options() };
    let error = serve(&taken, counter(&bed)).err().unwrap();
    assert!(matches!(error, ServeError::Bind { .. }) && error.to_string().contains("take another address"), "{error}");
    let bad = ServeOptions { token: Some("short".to_owned()), ..options() };
    let error = serve(&bad, counter(&bed)).err().unwrap();
    assert!(error.to_string().starts_with("the token has 5 signs"), "{error}");
}
