//! What programs and the page ask, in JSON.

mod events;
mod job;
mod job_list;
mod job_view;
mod knob_list;
mod log;
mod news;
mod status;
mod upload;
mod wishes;

pub(super) use self::{
    events::events,
    job::job,
    job_list::jobs,
    knob_list::knobs,
    log::log,
    status::{Status, folders_away, status},
    upload::{sweep, upload},
    wishes::{cancel, outlook, release, retry, version},
};
