//! Every request passes here first: is it meant for us, does it come from our own page, may it come in?

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{self, AUTHORIZATION, COOKIE, HOST, ORIGIN},
    },
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

use super::{error::ApiError, policy, room::Room, token::Token};

/// Says that a request was made by a program, not by a form on a foreign page.
const MARK: HeaderName = HeaderName::from_static("x-cuesmith");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// For whoever looks whether we live; tells nothing.
const HEALTH: &str = "/health";
const KNOCK: &str = include_str!("page/knock.html");

pub(super) async fn guard(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    let mut answer = match check(&room, &request) {
        Ok(Pass::In) => next.run(request).await,
        Ok(Pass::Cookie(answer)) => answer,
        Err(ApiError::NoToken) if wants_page(request.headers()) => {
            (StatusCode::UNAUTHORIZED, Html(KNOCK)).into_response()
        }
        Err(error) => error.into_response(),
    };
    harden(answer.headers_mut());
    answer
}

enum Pass {
    In,
    /// The token was in the address: from now on it is in a cookie.
    Cookie(Response),
}

fn check(room: &Room, request: &Request) -> Result<Pass, ApiError> {
    let host = host(room, request)?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        check_origin(&host, request.headers())?;
    }
    match &room.token {
        Some(token) if request.uri().path() != HEALTH => check_token(token, room.address.port(), request),
        _ => Ok(Pass::In),
    }
}

/// The only host that a request names, if it is ours.
fn host(room: &Room, request: &Request) -> Result<String, ApiError> {
    let mut named = request.headers().get_all(HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => return Err(ApiError::ForeignHost(String::new())),
    };
    let is_same = request.uri().authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(host));
    if is_same && room.hosts.takes(host) {
        Ok(host.to_ascii_lowercase())
    } else {
        Err(ApiError::ForeignHost(host.chars().take(100).collect()))
    }
}

fn check_origin(host: &str, headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
    let foreign = |origin: &str| Err(ApiError::ForeignOrigin(origin.chars().take(100).collect()));
    if let Some(site) = text(&FETCH_SITE).filter(|site| site != "same-origin") {
        return foreign(&site);
    }
    match text(&ORIGIN) {
        Some(origin) if is_own(&origin, host) => Ok(()),
        Some(origin) => foreign(&origin),
        None if headers.get(MARK).is_some_and(|mark| mark == "1") => Ok(()),
        None => Err(ApiError::NoMark),
    }
}

/// A page behind a proxy may be called by https.
fn is_own(origin: &str, host: &str) -> bool {
    let bare = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    bare.is_some_and(|bare| bare.eq_ignore_ascii_case(host))
}

fn check_token(token: &Token, port: u16, request: &Request) -> Result<Pass, ApiError> {
    let headers = request.headers();
    let cookie = format!("cuesmith-{port}");
    if bearer(headers).is_some_and(|sent| token.is(sent)) || cookies(headers, &cookie).any(|sent| token.is(sent)) {
        let is_in_address = request.method() == Method::GET && sent(request.uri()).is_some();
        return Ok(if is_in_address { Pass::Cookie(see(request.uri(), None)) } else { Pass::In });
    }
    match sent(request.uri()) {
        Some(sent) if request.method() == Method::GET && token.is(sent) => {
            let set = format!("{cookie}={}; Path=/; HttpOnly; SameSite=Strict", token.text());
            Ok(Pass::Cookie(see(request.uri(), HeaderValue::try_from(set).ok())))
        }
        _ => Err(ApiError::NoToken),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, sent) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(sent.trim())
}

fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn sent(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|part| part.strip_prefix("token="))
}

/// The same address without the token, so that it is in no history and no link.
fn see(uri: &Uri, cookie: Option<HeaderValue>) -> Response {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let path = uri.path();
    // Two slashes would lead to another host.
    let path = if path.bytes().all(is_plain) && !path.starts_with("//") { path } else { "/" };
    let rest: Vec<&str> =
        uri.query().unwrap_or_default().split('&').filter(|part| !part.starts_with("token=")).collect();
    let place = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response();
    if let Some(cookie) = cookie {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn harden(headers: &mut HeaderMap) {
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy::API);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_leaves_the_address_and_no_other_site_is_led_to() {
        let place = |uri: &str| {
            let answer = see(&uri.parse().unwrap(), None);
            answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(place("/?token=abc"), "/");
        assert_eq!(place("/api/jobs?state=done&token=abc&limit=3"), "/api/jobs?state=done&limit=3");
        assert_eq!(place("//evil.example/?token=abc"), "/");
        assert_eq!(place("/%5cevil.example?token=abc"), "/");
    }

    #[test]
    fn only_our_own_origin_may_change_things() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            pairs.iter().map(pair).collect()
        };
        let takes = |pairs: &[_]| check_origin("localhost:8765", &headers(pairs)).is_ok();
        assert!(takes(&[("origin", "http://localhost:8765")]));
        assert!(takes(&[("origin", "https://LOCALHOST:8765"), ("sec-fetch-site", "same-origin")]));
        assert!(takes(&[("x-cuesmith", "1")]));
        for refused in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "http://localhost:3000")],
            &[("origin", "http://evil.example"), ("x-cuesmith", "1")],
            &[("x-cuesmith", "0")],
            &[("x-cuesmith", "1"), ("sec-fetch-site", "cross-site")],
            &[("origin", "http://localhost:8765"), ("sec-fetch-site", "same-site")],
            &[("origin", "ftp://localhost:8765")],
        ] {
            assert!(!takes(refused), "{refused:?}");
        }
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; cuesmith-87650=no; cuesmith-8765=yes"));
        assert_eq!(cookies(&headers, "cuesmith-8765").collect::<Vec<_>>(), ["yes"]);
    }
}
