//! What people ask of the desk.

use super::{Action, Desk};
use crate::{
    error::FailureClass,
    watch::{Job, JobId, Reason, State, Wish},
};

impl Desk {
    /// Grants a wish, or says in one line why not. Gives the job that it is about, or that it made.
    pub(crate) fn grant(&mut self, now_ms: i64, wish: Wish) -> Result<(JobId, Vec<Action>), String> {
        let id = match wish {
            Wish::Retry(id) => self.retry(id, now_ms)?,
            Wish::Release(id) => self.release(id)?,
            Wish::Cancel(id) => self.cancel(id, now_ms)?,
            Wish::Version { of, set } => self.version(&of, set, now_ms)?,
        };
        self.go_on(now_ms);
        Ok((id, std::mem::take(&mut self.actions)))
    }

    fn retry(&mut self, id: JobId, now_ms: i64) -> Result<JobId, String> {
        let job = self.jobs.get(&id).ok_or_else(|| unknown(&id))?;
        match job.state {
            State::Running => Err(format!("{} is running already", job.name())),
            State::Quarantined => Err(format!("{} lies in quarantine; release it first", job.name())),
            State::Seen | State::Waiting => {
                self.change(&id, |job| (job.attempts, job.not_before_ms, job.reason) = (0, 0, None));
                Ok(id)
            }
            State::Done | State::Failed | State::Gone | State::Ignored => {
                self.see_again(&id, now_ms, 0);
                Ok(id)
            }
        }
    }

    fn release(&mut self, id: JobId) -> Result<JobId, String> {
        let job = self.jobs.get(&id).ok_or_else(|| unknown(&id))?;
        if job.state != State::Quarantined {
            return Err(format!("{} is {}, not in quarantine", job.name(), job.state.name()));
        }
        if self.asked.insert(id.clone()) {
            self.actions.push(Action::Release(id.clone()));
        }
        Ok(id)
    }

    fn cancel(&mut self, id: JobId, now_ms: i64) -> Result<JobId, String> {
        let job = self.jobs.get(&id).ok_or_else(|| unknown(&id))?;
        if !job.state.is_open() {
            return Err(format!("{} is {} already", job.name(), job.state.name()));
        }
        self.stop_lanes_of(&id);
        self.change(&id, |job| {
            (job.state, job.ended_ms) = (State::Failed, Some(now_ms));
            job.reason = Some(Reason { class: FailureClass::Usage, message: "cancelled by hand".to_owned() });
        });
        Ok(id)
    }

    fn version(&mut self, of: &JobId, set: Vec<String>, now_ms: i64) -> Result<JobId, String> {
        let base = self.jobs.get(of).ok_or_else(|| unknown(of))?;
        if matches!(base.state, State::Gone | State::Quarantined) {
            return Err(format!("the file of {} is not there any more", base.name()));
        }
        let kin = self.jobs.values().filter(|job| job.folder == base.folder && job.input == base.input);
        let version = kin.map(|job| job.version).max().unwrap_or(1) + 1;
        let mut job = Job::seen(&base.folder, &base.input.0, base.stamp, now_ms);
        job.id = JobId::new(&base.folder, &base.input.0, version);
        (job.version, job.set, job.content) = (version, set, base.content);
        (job.state, job.still_ms) = (State::Waiting, base.still_ms);
        let id = job.id.clone();
        self.jobs.insert(id.clone(), job);
        self.change(&id, |_| ());
        Ok(id)
    }
}

fn unknown(id: &JobId) -> String {
    format!("there is no job {id}")
}
