//! Watched folders: files that come there are scored without anybody looking.
//!
//! An `eye` on each folder sees files come, change and go. The `desk` decides what has to be done, from what it is told
//! and the time it is told at; it touches nothing. The `office` has it done: files are opened, `lanes` run jobs, the
//! jobs are written down in the store, the `board` shows how everything stands, `hooks` tell other programs.

mod board;
mod counter;
mod desk;
mod eye;
mod filter;
mod folder;
mod hooks;
mod job;
mod lane;
mod log;
mod mode;
mod mount;
mod names;
mod office;
mod opening;
mod order;
mod outlook;
mod progress;
mod quarantine;
mod rules;
mod scan;
mod settings;
mod space;
mod stamp;
mod wish;
mod wishes;

pub(crate) use self::{
    board::{Board, FolderView, Live, LiveStage, NewsLine, Standing, Totals, View},
    counter::{Counter, MakeOutlook, Outlook, StageOutlook},
    filter::{BadGlob, Filter},
    folder::Folder,
    hooks::{HookSettings, Hooks},
    job::{Job, JobId, JobResult, NoJobId, Reason, State},
    lane::planned_digest,
    log::{LogForm, Logs, log_path},
    mode::Mode,
    mount::Mount,
    names::{ENDINGS, is_hidden, is_video},
    office::{Office, OfficeSettings},
    order::Order,
    rules::Rules,
    settings::{Bytes, FolderSettings, Seconds, WatchSettings},
    stamp::Stamp,
    wish::Wish,
    wishes::leave,
};
