//! Executor of `train.music_affect`: rated pieces in; a meter, its card and its figures out.

use serde::Deserialize;

use super::StageContext;
use crate::{
    affect::{self, Card, MeterKind, TooFew},
    artifact::Kind,
    corpus::Ratings,
    error::StageError,
};

#[derive(Deserialize)]
struct Params {
    meter: MeterKind,
}

pub(super) fn train(context: &mut StageContext) -> Result<(), StageError> {
    let Params { meter: kind } = context.params()?;
    let ratings: Ratings = context.input("ratings")?;
    let seed = context.seed();
    context.progress(0.0, "ten folds, five times");
    let trained = affect::train(&ratings, kind, seed)?;
    let bytes = trained.meter.to_bytes();
    let card = Card { trained: &trained, ratings: &ratings, seed, bytes: &bytes };
    let name = Some(kind.file_stem());
    context.output_bytes("weights", Kind::Weights, name, &bytes)?;
    context.output_bytes("card", Kind::Card, name, card.markdown().as_bytes())?;
    context.output("report", &card.report())
}

impl From<TooFew> for StageError {
    fn from(error: TooFew) -> Self {
        Self::usage(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        affect::Meter,
        artifact::Report,
        testing::{Bench, data},
    };

    /// What people feel is told at least as well as by the reference: r = 0.59 and 0.83 in ten folds.
    #[test]
    fn both_meters_reach_the_reference_on_real_ratings() {
        let Some(data) = data() else { return };
        let ratings = crate::corpus::vgmidi::load(&data.join("vgmidi"), |_| {}).unwrap();
        for (name, kind, least) in
            [("ridge", MeterKind::Ridge, [0.66, 0.83]), ("kernel", MeterKind::Kernel, [0.70, 0.83])]
        {
            let outputs =
                Bench::new("train.music_affect").input("ratings", &ratings).param("meter", name).run().unwrap();
            let report: Report = outputs.get("report");
            for (side, least) in ["valence", "arousal"].into_iter().zip(least) {
                let r = report.values["r_over_pieces"][side].as_f64().unwrap();
                assert!(r >= least, "{name} {side}: {r}, at least {least}\n{:#?}", report.values);
            }
            assert_eq!(outputs.blobs("weights")[0].name.as_deref(), Some(kind.file_stem()));
            assert_eq!(Meter::load(&outputs.path("weights")).unwrap().kind(), kind);
        }
    }
}
