//! What people ask of the office: to do a job again, to stop it, to make another version.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    node::KNOBS,
    serve::{body, error::ApiError, room::Room},
    watch::{JobId, Outlook, Wish},
};

const MOST_SETS: usize = 64;
const MOST_SIGNS: usize = 8192;

type Granted = Result<(StatusCode, Json<Value>), ApiError>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Knobs {
    /// All that is laid over the recipe, as `--set` takes it.
    set: Vec<String>,
}

pub(in crate::serve) async fn retry(State(room): State<Arc<Room>>, Path(id): Path<String>) -> Granted {
    ask(&room, &id, StatusCode::OK, Wish::Retry).await
}

pub(in crate::serve) async fn release(State(room): State<Arc<Room>>, Path(id): Path<String>) -> Granted {
    ask(&room, &id, StatusCode::OK, Wish::Release).await
}

pub(in crate::serve) async fn cancel(State(room): State<Arc<Room>>, Path(id): Path<String>) -> Granted {
    ask(&room, &id, StatusCode::OK, Wish::Cancel).await
}

pub(in crate::serve) async fn version(State(room): State<Arc<Room>>, Path(id): Path<String>, body: Body) -> Granted {
    let set = knobs(&room, body).await?;
    ask(&room, &id, StatusCode::CREATED, |of| Wish::Version { of, set }).await
}

pub(in crate::serve) async fn outlook(
    State(room): State<Arc<Room>>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Outlook>, ApiError> {
    let job = room.job(&id)?;
    let set = knobs(&room, body).await?;
    let seat = room.outlook_seat().await?;
    let look = room.counter.outlook.clone();
    let looked = tokio::task::spawn_blocking(move || {
        // The seat is taken as long as the plan is looked at, also when nobody waits for it any more.
        let _seat = seat;
        look(&job, &set)
    });
    let looked = looked.await.map_err(|error| ApiError::Internal(error.to_string()))?;
    looked.map(Json).map_err(ApiError::Refused)
}

async fn ask(room: &Arc<Room>, id: &str, status: StatusCode, wish: impl FnOnce(JobId) -> Wish) -> Granted {
    let wish = wish(room.job(id)?.id.clone());
    let counter = room.counter.clone();
    let answer = tokio::task::spawn_blocking(move || counter.ask(wish)).await;
    let job = answer.map_err(|error| ApiError::Internal(error.to_string()))?.map_err(ApiError::Refused)?;
    Ok((status, Json(json!({ "job": job }))))
}

async fn knobs(room: &Room, body: Body) -> Result<Vec<String>, ApiError> {
    let Knobs { set } = body::json(body, &room.limits).await?;
    if set.len() > MOST_SETS {
        return Err(ApiError::NotJson(format!(
            "{} values are laid over the recipe, at most {MOST_SETS} may be",
            set.len()
        )));
    }
    set.iter().try_for_each(|value| check(value))?;
    Ok(set)
}

/// Only knobs can be turned from afar: other values name files and scripts of this machine.
fn check(value: &str) -> Result<(), ApiError> {
    let refuse = |reason| Err(ApiError::Knob { value: value.chars().take(100).collect(), reason });
    if value.len() > MOST_SIGNS {
        return refuse("it is too long");
    }
    let Some((path, text)) = value.split_once('=') else { return refuse("there is no `=`") };
    let mut names = path.split('.').map(str::trim);
    let name = match names.next() {
        Some("knobs") => names.next(),
        first => first,
    };
    let Some(knob) = KNOBS.iter().find(|knob| Some(knob.name) == name) else {
        return refuse("there is no such knob; `/api/knobs` lists all");
    };
    if knob.name == "style" && text.contains(['/', '\\', '.']) {
        return refuse("styles are chosen by their names here, not by a path");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_knobs_can_be_turned() {
        for value in ["knobs.density=8", "loudness=-14", "knobs.tempo.min=90", "style=lofi", "knobs.key=\"Bb minor\""] {
            assert!(check(value).is_ok(), "{value}");
        }
        let others = ["density", "knobs=1", "stages.source.file=/etc/passwd", "scripts.seconds=9", "recipe.seed=2"];
        for value in others.into_iter().chain(["knobs.style=/tmp/a.rhai", "style=../a", "", "=", "knobs.=1"]) {
            assert!(check(value).is_err(), "{value}");
        }
        assert!(check(&format!("hits=[{}]", "1,".repeat(MOST_SIGNS))).is_err());
    }
}
